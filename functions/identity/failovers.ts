/**
 * Notices failovers of Couchbase. Each mutation that is made anyway tells the partition of its key, and the UUID of the partition's history, which changes
 * where a replica takes over or a node comes back without what it had in memory; a rebalance keeps it. The last UUIDs lie in Oracle, so that
 * another container knows them too. No call to a store waits for it:
 * 1 A mutation shows another UUID than the remembered one. 2 The ledger is read again: another container may have dealt with it. 3 For collections
 * whose writes need not be durable, a verification by content is needed that begins from now on. 4 The new UUID is remembered. A container that dies
 * before 4 leaves the old UUID, so the next one does it again.
 * In Lambda nothing runs after the answer, so a handler waits for `changes()` before it answers, for a short time.
 * A verification by content reads the UUID beside each document, so it sees every partition that holds one. So a failover shuts the gates once, with what is seen
 * before or during the next verification: no partition is left whose change is found later, by its next mutation.
 * The first sight of a partition is no failover. What a verification has looked at before is remembered, and what it looks at later is compared as it is then.
 * What a mutation told may be older than what another container has noted: it counts as a change only where it was told just now, or where the
 * ledger still says what this container has seen before it.
 * It misses a failover of partitions that nothing was seen of since, or that nothing was remembered of before.
 */

import type { Phase } from '../protocol/phase.ts';
import type { SeenHistory } from '../records/history.ts';
import type { Made } from '../stores/witness.ts';

export interface FailoverPorts {
  readonly buckets: ReadonlyMap<string, Watched>;
  phase(collection: string): Promise<Phase>;
  known(bucket: string): Promise<ReadonlyMap<number, string>>;
  remember(bucket: string, seen: readonly SeenHistory[]): Promise<void>;
  /** Gates of the collection wait for a verification by content that begins after that time. */
  note(collection: string, until: number): Promise<unknown>;
  /** Called once for each change. @param noted collections whose gates wait. */
  told(bucket: string, partitions: readonly number[], noted: readonly string[]): void;
  failed(bucket: string, error: unknown): void;
  /** Milliseconds since the epoch, as the beginnings of runs are counted. */
  now(): number;
  /** Milliseconds between two writes of what is seen for the first time. */
  readonly bake: number;
}

export interface Watched {
  readonly collections: readonly string[];
  /** Those whose writes a failover may take away after they were acknowledged. */
  readonly notDurable: readonly string[];
}

export interface FailoverWatch {
  /** Called for each mutation in a bucket, and for each document that a verification looks at. */
  see(bucket: string, partition: Made['partition']): void;
  /**
   * What is being noted of changes, or of partitions that may have changed since another container saw them; null where nothing is. Never
   * rejects.
   */
  changes(): Promise<unknown> | null;
  /** The same of all that was seen and is not remembered yet: a worker may see nothing more for a long time. */
  rest(): Promise<unknown> | null;
}

/** Milliseconds after a failure. */
const RETRY = 5_000;
/** Milliseconds between two notes of changes: a node that fails over changes hundreds of partitions, which are seen one after the other. */
const PAUSE = 1_000;
/** Milliseconds for which what a mutation told is later than what the ledger says. */
const FRESH = 2_000;

/** Of a partition: the history that was seen first, and the one that was seen last, and when. */
interface Sighting {
  readonly first: string;
  readonly last: string;
  readonly at: number;
}

/** Times are those of the last look at the ledger, of the last failure, and of the last note of changes. */
interface Bucket {
  known: ReadonlyMap<number, string> | null;
  /** Seen, and not remembered yet. */
  readonly waiting: Map<number, Sighting>;
  /** Changes that were noted and told, and are not remembered yet: the histories that they led to. */
  readonly told: Map<number, string>;
  work: Promise<void> | null;
  /** Whether the work is about a change, or may find one. */
  isAboutChange: boolean;
  /** Whether a change is among what waits: any later mutation in the bucket tries again. */
  isUrgent: boolean;
  looked: number;
  failed: number;
  noted: number;
}

export function failoverWatch(ports: FailoverPorts): FailoverWatch {
  const buckets = new Map<string, Bucket>();
  return {
    see(name, partition) {
      if (partition === null) return;
      const bucket = buckets.get(name) ?? newBucket();
      buckets.set(name, bucket);
      const now = ports.now();
      see(bucket, partition, now);
      if (isDue(bucket, now, ports.bake)) begin(name, bucket, ports);
    },
    changes() {
      const all = [...buckets.values()].flatMap(({ work, isAboutChange }) =>
        work !== null && isAboutChange ? [work] : [],
      );
      return all.length === 0 ? null : Promise.all(all);
    },
    rest() {
      for (const [name, bucket] of buckets) if (isDue(bucket, ports.now(), 0)) begin(name, bucket, ports);
      const all = [...buckets.values()].flatMap(({ work }) => work ?? []);
      return all.length === 0 ? null : Promise.all(all);
    },
  };
}

function newBucket(): Bucket {
  const never = Number.NEGATIVE_INFINITY;
  const times = { looked: never, failed: never, noted: never };
  const state = { known: null, work: null, isAboutChange: false, isUrgent: false };
  return { ...state, waiting: new Map(), told: new Map(), ...times };
}

function see(bucket: Bucket, { id, uuid }: Made['partition'] & object, at: number): void {
  const known = bucket.known?.get(id);
  if (known === uuid) return;
  const first = bucket.waiting.get(id)?.first ?? uuid;
  bucket.waiting.set(id, { first, last: uuid, at });
  if ((known ?? first) !== uuid) bucket.isUrgent = true;
}

/** What is new can wait, what has changed cannot. @param wait milliseconds between two looks at what is new. */
function isDue(bucket: Bucket, now: number, wait: number): boolean {
  const { waiting, work, isUrgent, looked, failed, noted } = bucket;
  if (work !== null || waiting.size === 0 || !hasPassed(failed, RETRY, now)) return false;
  return isUrgent ? hasPassed(noted, PAUSE, now) : hasPassed(looked, wait, now);
}

/** A clock that was set back tells nothing: then it has. */
function hasPassed(since: number, milliseconds: number, now: number): boolean {
  return now < since || now - since >= milliseconds;
}

function begin(name: string, bucket: Bucket, ports: FailoverPorts): void {
  const wasUrgent = bucket.isUrgent;
  // A container that has not read the ledger yet does not know what has changed.
  bucket.isAboutChange = wasUrgent || bucket.known === null;
  bucket.isUrgent = false;
  bucket.work = settle(name, bucket, ports)
    .then(
      () => {
        bucket.looked = ports.now();
      },
      (error: unknown) => {
        bucket.isUrgent ||= wasUrgent;
        bucket.failed = ports.now();
        ports.failed(name, error);
      },
    )
    .finally(() => {
      bucket.work = null;
    });
}

async function settle(name: string, bucket: Bucket, ports: FailoverPorts): Promise<void> {
  const { collections = [], notDurable = [] } = ports.buckets.get(name) ?? {};
  const phases = await Promise.all(collections.map((each) => ports.phase(each)));
  // Oracle may not be there.
  if (phases.every((phase) => phase === 'legacy')) return bucket.waiting.clear();
  const all = [...bucket.waiting];
  const ledger = await ports.known(name);
  const seen = all.filter(
    ([id, sighting]) => !isStale(sighting, ledger.get(id), bucket.known?.get(id), ports.now()),
  );
  const changed = seen.filter(
    ([id, { first, last }]) => (ledger.get(id) ?? first) !== last && bucket.told.get(id) !== last,
  );
  const noted = notDurable.filter((each) => phases[collections.indexOf(each)] !== 'legacy');
  if (changed.length > 0) {
    // Changes that are seen within the pause are covered by this note: where the sandbox is frozen meanwhile, there is no other one.
    for (const collection of noted) await ports.note(collection, ports.now() + PAUSE);
    bucket.noted = ports.now();
    // Where they cannot be remembered, the same changes are found again.
    for (const [id, { last }] of changed) bucket.told.set(id, last);
    ports.told(
      name,
      changed.map(([id]) => id),
      noted,
    );
  }
  const overtaken = overtakenAt(all, seen, bucket.known);
  if (overtaken !== null) for (const collection of noted) await ports.note(collection, overtaken);
  await remember(name, bucket, all, seen, ledger, ports);
}

/**
 * When this container last saw a history that the ledger has overtaken, and that it has never seen there; null for none. 1 A worker of a verification
 * looks at a partition in its first history. 2 It fails over. 3 Another container sees the next history, and remembers it as the first one.
 * 4 Only the worker of 1 can tell that there was another. So no verification that began before its look counts, and later ones do.
 */
function overtakenAt(
  all: readonly (readonly [number, Sighting])[],
  seen: readonly (readonly [number, Sighting])[],
  known: ReadonlyMap<number, string> | null,
): number | null {
  const kept = new Set(seen.map(([id]) => id));
  const lost = all.filter(([id]) => !kept.has(id) && known?.get(id) === undefined);
  return lost.length === 0 ? null : Math.max(...lost.map(([, { at }]) => at));
}

/** @param all that was waiting. @param seen those of them that are later than the ledger. */
async function remember(
  name: string,
  bucket: Bucket,
  all: readonly (readonly [number, Sighting])[],
  seen: readonly (readonly [number, Sighting])[],
  ledger: ReadonlyMap<number, string>,
  ports: FailoverPorts,
): Promise<void> {
  const histories = seen
    .map(([id, { last: uuid }]) => ({ id, uuid, before: ledger.get(id) ?? null }))
    .filter(({ uuid, before }) => uuid !== before);
  if (histories.length > 0) await ports.remember(name, histories);
  const known = new Map([...ledger, ...seen.map(([id, { last }]) => [id, last] as const)]);
  bucket.known = known;
  for (const [id, sighting] of all) {
    const left = bucket.waiting.get(id);
    if (left === sighting || left?.last === known.get(id)) bucket.waiting.delete(id);
    if (bucket.told.get(id) === known.get(id)) bucket.told.delete(id);
  }
}

/**
 * Whether the ledger may be later than the sighting: another container has noted a history that this one did not know of.
 * @param noted by the ledger. @param known by this container before.
 */
function isStale(
  { first, last, at }: Sighting,
  noted: string | undefined,
  known: string | undefined,
  now: number,
): boolean {
  if (noted === undefined || noted === last || noted === (known ?? first)) return false;
  return hasPassed(at, FRESH, now);
}
