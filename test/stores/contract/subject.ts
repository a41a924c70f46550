/** What the contract is held against: one store, reached as the protocol reaches it. */
import { perform } from '../../../functions/protocol/call.ts';
import { type Condition, UNCONDITIONAL } from '../../../functions/protocol/condition.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { read } from '../../../functions/protocol/read.ts';
import type { Shard } from '../../../functions/protocol/shard.ts';
import type { Content, Document } from '../../../functions/protocol/state.ts';
import type { Version } from '../../../functions/protocol/version.ts';
import { type Outcome, write } from '../../../functions/protocol/write.ts';
import { type Partners, portOf } from '../../../functions/stores/port.ts';
import type { Loss } from '../reference.ts';

export interface Subject {
  /** The phase in which this store alone is read and written. */
  readonly phase: 'legacy' | 'contract';
  readonly partners: Partners;
  /** As the follower: take the content if its version is above the stored one. */
  apply(key: string, content: Content, version: Version): Promise<unknown>;
  /** Looks at a key now, and later gives what was there another version, if it is still there. */
  reversion(key: string): Promise<(version: Version) => Promise<boolean>>;
  /** The highest version that it believes; the highest of all if nothing is said. */
  readonly highest?: Version;
  /**
   * The first keys of a shard, in byte order: those with a document, and in `contract` those that Oracle orders, deleted or not, since the way
   * back has to take deletions to Couchbase.
   */
  keys(shard: Shard, limit: number): Promise<string[]>;
  /** Loses the next mutations or their answers; null for none any more. Absent where nothing can be made to fail. */
  readonly lose?: (loss: Loss) => Promise<void>;
  stop(): Promise<void>;
}

/** Write as the authority. */
export function put(
  { phase, partners }: Subject,
  key: string,
  content: Content,
  condition: Condition = UNCONDITIONAL,
): Promise<Outcome> {
  return perform(write(phase, { content, condition }), portOf(key, partners));
}

export function get(
  { phase, partners }: Subject,
  key: string,
): Promise<{ content: Content; version: Version }> {
  return perform(read(phase), portOf(key, partners));
}

/** The version that a write reported; throws if it was not done. */
export function versionOf(outcome: Outcome): Version {
  if (outcome.kind !== 'done') throw new Error(`The write was ${outcome.kind}`);
  return outcome.version;
}

export function document(body: string | Uint8Array, expiresAt: number | null = null): Document {
  return documentFrom(typeof body === 'string' ? Buffer.from(body) : body, expiresAt);
}
