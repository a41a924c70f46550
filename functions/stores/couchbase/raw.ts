/** Bodies as bytes, through a driver that would rather parse them. */
import type { Collection, MutateInSpec, Transcoder } from 'couchbase';
import type { Content } from '../../protocol/state.ts';
import type { Target } from '../failure.ts';
import { requireContent } from '../storable.ts';

/** "This is JSON", in the flags that all Couchbase SDKs share. */
const JSON_FLAGS = 0x02000006;

export const RAW: Transcoder = {
  encode: (body: Uint8Array) => [Buffer.from(body.buffer, body.byteOffset, body.byteLength), JSON_FLAGS],
  decode: (bytes: Buffer) => bytes,
};

/** The driver's own hooks (4.7.0) between subdocument values and bytes; without them every lookup parses JSON. */
interface Hooks {
  _subdocDecode?: (bytes: Buffer) => unknown;
  _subdocEncode?: (value: unknown) => Buffer;
}

/** The same collection, with subdocument values left as bytes. Throws where the driver has lost the hooks. */
export function rawSubdocuments(collection: Collection): Collection {
  const hooks = collection as unknown as Hooks;
  if (typeof hooks._subdocDecode !== 'function' || typeof hooks._subdocEncode !== 'function')
    throw new Error(
      'This version of the couchbase package parses what lookups return: pin 4.7.0, or find its new hook',
    );
  hooks._subdocDecode = (bytes) => bytes;
  return collection;
}

/** The same edit, with these very bytes as its value. */
export function withBytes(spec: MutateInSpec, bytes: Uint8Array): MutateInSpec {
  (spec as unknown as { _data: Buffer })._data = Buffer.from(bytes);
  return spec;
}

/**
 * What a write of this content carries. Expiry is absolute, always: a relative one would start again with every copy.
 * None clears what was there. Throws `PoisonDocument` for what could not be held.
 */
export function contentOptions(content: Content, target: Target): { expiry?: Date } {
  requireContent(content, target);
  const at = content?.expiresAt ?? null;
  return at === null ? {} : { expiry: new Date(at) };
}
