/**
 * What a change feed tells: keys that have changed in Couchbase. It is only a hint where to look, and nothing in it is believed: a receipt looks at both
 * stores. What Oracle knows already gets none, and a burst of one key gets one.
 */
import { CallFailed } from '../protocol/call.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import { floorOf, type OracleState } from '../protocol/state.ts';
import { MAX_VERSION, type Version } from '../protocol/version.ts';
import { isProbe } from '../stores/feed_probe.ts';
import type { SendReceipt } from '../stores/receipt.ts';
import type { Taking } from '../stores/selection.ts';

export interface Change {
  readonly key: string;
  /** Of the mutation, as the feed says. */
  readonly cas: Version;
  /** Removed, or expired. Null where the feed does not tell. */
  readonly deleted: boolean | null;
}

export interface ChangePorts {
  /** Of the rows, in the order of the keys; null for a key that no row can have. Throws `CallFailed` where Oracle does not answer. */
  versions(collection: string, keys: readonly string[]): Promise<readonly (Row | null)[]>;
  /** Whether a collection takes a key. */
  taking(collection: string, key: string): Taking;
  readonly send: SendReceipt;
  /** A probe has come back, perhaps. */
  cameBack(collection: string, key: string): Promise<void>;
  /** In `contract` nobody looks at Couchbase: what is written there is only counted. */
  lost(collection: string, keys: readonly string[]): Promise<void>;
  readonly recent: RecentReceipts;
}

/** `gone`: there is no row, or its document was deleted or has expired. `expired`: it has, and nobody has deleted it. */
type Row = Omit<OracleState, 'content'> & { readonly gone: boolean; readonly expired: boolean };

/** What has become of changes. */
export interface Taken {
  /** Oracle has them, or it makes no difference. */
  readonly known: number;
  /** A receipt that is on its way looks at them, too. */
  readonly collapsed: number;
  readonly receipts: number;
  /** Those that no receipt could be sent for. */
  readonly unsent: number;
  /** Of keys that the collection does not take: nothing was done about them. */
  readonly notTaken: number;
}

/** Keys that a receipt is on its way for, which nobody has received yet. A container remembers so many of them. */
export class RecentReceipts {
  readonly #until = new Map<string, number>();
  readonly #delay: number;
  readonly #most: number;
  readonly #now: () => number;

  /** @param delay milliseconds for which a receipt is on its way. @param now milliseconds of a steady clock. */
  constructor(delay: number, now: () => number, most = 10_000) {
    [this.#delay, this.#now, this.#most] = [delay, now, most];
  }

  has(collection: string, key: string): boolean {
    return (this.#until.get(JSON.stringify([collection, key])) ?? 0) > this.#now();
  }

  /** @param began when it was about to be sent. */
  add(collection: string, key: string, began: number): void {
    const name = JSON.stringify([collection, key]);
    this.#until.delete(name);
    this.#until.set(name, began + this.#delay);
    // The oldest are the first.
    for (const [oldest] of this.#until) {
      if (this.#until.size <= this.#most) break;
      this.#until.delete(oldest);
    }
  }

  now(): number {
    return this.#now();
  }
}

/** @param told in any order, any of them more than once. */
export async function takeChanges(
  collection: string,
  phase: Phase,
  told: readonly Change[],
  ports: ChangePorts,
): Promise<Taken> {
  // The feed tells of all documents of Couchbase's collection, of which others may have some.
  const changes = told.filter(({ key }) => isProbe(key) || ports.taking(collection, key) === 'taken');
  const taken = await takeOwn(collection, phase, changes, ports);
  return { ...taken, notTaken: told.length - changes.length };
}

async function takeOwn(
  collection: string,
  phase: Phase,
  changes: readonly Change[],
  ports: ChangePorts,
): Promise<Omit<Taken, 'notTaken'>> {
  const all = byKey(changes);
  for (const { key } of all) if (isProbe(key)) await ports.cameBack(collection, key);
  const wanted = [...all.filter(({ key }) => !isProbe(key)), ...removedProbes(changes, phase)];
  const repeated = changes.length - wanted.length;
  if (ROUTES[phase].second === null) return countedAlone(collection, phase, wanted, ports, repeated);
  const unknown = await unknownOf(collection, phase, wanted, ports);
  const isPending = unknown.map(({ key }) => ports.recent.has(collection, key));
  const looked = unknown.filter((_, n) => isPending[n] !== true);
  const began = ports.recent.now();
  const sent = await Promise.all(
    looked.map(async ({ key }) => {
      const receipt = { collection, key, phase, cause: 'write', expired: 0n, feed: true } as const;
      const isSent = await ports.send(receipt);
      if (isSent) ports.recent.add(collection, key, began);
      return isSent;
    }),
  );
  const receipts = sent.filter(Boolean).length;
  return {
    known: repeated + wanted.length - unknown.length,
    collapsed: unknown.length - looked.length,
    ...{ receipts, unsent: looked.length - receipts },
  };
}

/** One for each key, which is looked at wherever one of its changes would be. */
function byKey(changes: readonly Change[]): Change[] {
  const all = new Map<string, Change>();
  for (const change of changes) {
    const before = all.get(change.key);
    all.set(change.key, before === undefined ? change : together(before, change));
  }
  return [...all.values()];
}

/** A removal hides no write beside it: it may be of the same key in another collection, or forged. */
function together(one: Change, other: Change): Change {
  const deleted = [one.deleted, other.deleted];
  return {
    ...{ key: one.key, cas: one.cas > other.cas ? one.cas : other.cas },
    deleted: deleted.includes(false) ? false : deleted.includes(null) ? null : true,
  };
}

/** What was there for a moment, and is gone, is of interest only where Oracle may have taken it. */
function removedProbes(changes: readonly Change[], phase: Phase): Change[] {
  if (phase === 'settle') return [];
  const removed = changes.filter(({ key, deleted }) => isProbe(key) && deleted !== false);
  return byKey(removed.map((change) => ({ ...change, deleted: true })));
}

/** Milliseconds from the oldest of the mutations to now, by the clock of Couchbase: a CAS is nanoseconds since the epoch. */
export function lagOf(changes: readonly Pick<Change, 'cas'>[], now: number): number {
  const oldest = changes.reduce((least, { cas }) => (cas < least ? cas : least), MAX_VERSION);
  return Math.max(0, now - Number(oldest / 1_000_000n));
}

/**
 * Where one store alone is written. In `contract`, what expires or is removed cannot be told from what Couchbase does by itself, nor what may be either; and what comes from a feed that has stood
 * still may be of a phase before, and a write of our own.
 */
async function countedAlone(
  collection: string,
  phase: Phase,
  wanted: readonly Change[],
  ports: ChangePorts,
  repeated: number,
): Promise<Omit<Taken, 'notTaken'>> {
  const written = phase === 'contract' ? wanted.filter(({ deleted }) => deleted === false) : [];
  const rows = await rowsOf(collection, written, ports);
  const lost = written.filter(({ key, cas }) => cas > (rows?.get(key)?.version ?? 0n));
  if (lost.length > 0)
    await ports.lost(
      collection,
      lost.map(({ key }) => key),
    );
  return { known: repeated + wanted.length, collapsed: 0, receipts: 0, unsent: 0 };
}

/**
 * What Oracle may not have. Where it orders the keys, no version tells whose a document is: a look at both stores does. What is gone in both is known in any case. Where
 * Oracle does not answer, nothing is.
 */
async function unknownOf(
  collection: string,
  phase: Phase,
  wanted: readonly Change[],
  ports: ChangePorts,
): Promise<readonly Change[]> {
  const asked = ROUTES[phase].order === 'oracle' ? wanted.filter(({ deleted }) => deleted === true) : wanted;
  const found = await rowsOf(collection, asked, ports);
  if (found === null) return wanted;
  return wanted.filter((change) => {
    const row = found.get(change.key);
    return row === undefined || !isKnown(change, row, phase);
  });
}

/** By their keys; null where Oracle does not answer. */
async function rowsOf(
  collection: string,
  changes: readonly Change[],
  { versions }: ChangePorts,
): Promise<ReadonlyMap<string, Row | null> | null> {
  if (changes.length === 0) return new Map();
  const keys = changes.map(({ key }) => key);
  const rows = await versions(collection, keys).catch((error: unknown) => {
    if (error instanceof CallFailed) return null;
    throw error;
  });
  return rows === null ? null : new Map(keys.map((key, n) => [key, rows[n] ?? null]));
}

function isKnown({ key, cas, deleted }: Change, row: Row | null, phase: Phase): boolean {
  // No document of ours has such a key.
  if (row === null) return true;
  if (row.handoff === null && cas <= floorOf({ ...row, content: null })) return true;
  if (deleted !== true || !row.gone) return false;
  // 1. A backfill reads a document. 2. It is deleted past the API. 3. Nothing is found in Oracle. 4. The copy is applied there. So Oracle has to learn of the deletion;
  // that a document has expired, its copy tells. In other phases nothing is copied from Couchbase.
  return phase !== 'expand' || row.expired || isProbe(key);
}
