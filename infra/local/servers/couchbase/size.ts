/** How large a document may be. */
import type { Document } from './bucket.ts';
import { Refusal, STATUS } from './wire.ts';

const LARGEST = 20 * 1024 * 1024;

/**
 * As the real server counts: the body and the attributes of users in their stored form, and none of the system's, whose names begin with _ (kv_engine:
 * `maxItemSize` in ep_engine.cc; ExtendedAttributes.md and xattr/blob.h for the form: a length in front, and for each a length and two zero bytes).
 */
export function requireSize({ value, xattrs }: Pick<Document, 'value' | 'xattrs'>): void {
  const counted = [...xattrs].filter(([name]) => !name.startsWith('_'));
  const attributes = counted.reduce(
    (sum, [name, text]) => sum + 6 + Buffer.byteLength(name) + Buffer.byteLength(text),
    counted.length === 0 ? 0 : 4,
  );
  if (value.length + attributes > LARGEST) throw new Refusal(STATUS.tooBig);
}
