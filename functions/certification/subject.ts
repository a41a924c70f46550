/** What the contract of a store is held against: one store, reached as the protocol reaches it. */
import { CallFailed, perform } from '../protocol/call.ts';
import { type Condition, UNCONDITIONAL } from '../protocol/condition.ts';
import { documentFrom } from '../protocol/fingerprint.ts';
import { read } from '../protocol/read.ts';
import type { Shard } from '../protocol/shard.ts';
import type { Content, Document } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import { type Outcome, write } from '../protocol/write.ts';
import { type Partners, portOf } from '../stores/port.ts';
import { kept } from './not_kept.ts';

export interface Subject {
  /** The phase in which this store alone is read and written. */
  readonly phase: 'legacy' | 'contract';
  /** The other store has nothing of any key. */
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
  /** A key that nobody has used. */
  newKey(): string;
  /** The key of this name: what all keys of the subject begin with, and the name. */
  named(name: string): string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What was counted or measured. */
export type Figures = Readonly<Record<string, number | string>>;

/** A rule that every store must keep. */
export interface Rule {
  /** Stable, without the store: for scripts. */
  readonly name: string;
  readonly title: string;
  /** What it is good for. */
  readonly proves: string;
  readonly group: 'contract' | 'races' | 'documents';
  /** Whether it belongs to the short form, too: it takes a few calls. */
  readonly short: boolean;
  /** The phase of the store that it is for; both where nothing is said. */
  readonly only?: Subject['phase'];
  /** Throws `NotKept`. */
  prove(subject: Subject): Promise<Figures>;
}

/** Write as the authority. */
export function attempt(
  { phase, partners }: Subject,
  key: string,
  content: Content,
  condition: Condition = UNCONDITIONAL,
): Promise<Outcome> {
  return perform(write(phase, { content, condition }), portOf(key, partners));
}

/** The same. Throws `CallFailed` where nobody can say what has become of it: that is no fault of the store's. */
export async function put(
  subject: Subject,
  key: string,
  content: Content,
  condition: Condition = UNCONDITIONAL,
): Promise<Outcome> {
  const outcome = await attempt(subject, key, content, condition);
  if (outcome.kind === 'unknown') throw new CallFailed('A write has got no clear answer');
  return outcome;
}

export function get(
  { phase, partners }: Subject,
  key: string,
): Promise<{ content: Content; version: Version }> {
  return perform(read(phase), portOf(key, partners));
}

/** The version that a write reported. Throws `NotKept` where it was not done. */
export function versionOf(outcome: Outcome): Version {
  kept(outcome.kind === 'done', `A write should be done, and is ${outcome.kind}`);
  return outcome.version;
}

/** @param expiresAt milliseconds since the epoch; null for never. */
export function document(body: string | Uint8Array, expiresAt: number | null = null): Document {
  return documentFrom(typeof body === 'string' ? Buffer.from(body) : body, expiresAt);
}

/** Throws `NotKept` where the key does not hold this content. @param when as it is told: `after a deletion`. */
export async function holds(subject: Subject, key: string, content: Content, when: string): Promise<Version> {
  const { content: held, version } = await get(subject, key);
  kept(
    (held?.digest ?? null) === (content?.digest ?? null),
    `${when}, ${content === null ? 'nothing' : 'the document'} should be there, and ${held === null ? 'nothing is' : content === null ? 'a document is' : 'another document is'}`,
  );
  return version;
}

/** Throws `NotKept` where a write did not end so. */
export async function ends(
  writing: Promise<Outcome>,
  kind: Outcome['kind'],
  which: string,
): Promise<Outcome> {
  const outcome = await writing;
  kept(outcome.kind === kind, `${which} should be ${kind}, and is ${outcome.kind}`);
  return outcome;
}
