/**
 * Notices failovers of Couchbase. Each mutation that is made anyway tells the partition of its key, and the UUID of the partition's history, which changes
 * where a replica takes over or a node comes back without what it had in memory; a rebalance keeps it. The last UUIDs lie in Oracle, so that
 * another container knows them too. No request waits for it:
 * 1 A mutation shows another UUID than the remembered one. 2 The ledger is read again: another container may have dealt with it. 3 For collections
 * whose writes need not be durable, a verification by content is needed that begins from now on. 4 The new UUID is remembered. A container that dies
 * before 4 leaves the old UUID, so the next one does it again.
 * It misses a failover of partitions that no mutation has been made in since, or that none was remembered of before.
 */

import type { SeenHistory } from '../books/partitions.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Made } from '../stores/witness.ts';

export interface FailoverPorts {
  readonly buckets: ReadonlyMap<string, Watched>;
  phase(collection: string): Promise<Phase>;
  known(bucket: string): Promise<ReadonlyMap<number, string>>;
  remember(bucket: string, seen: readonly SeenHistory[]): Promise<void>;
  /** Gates of the collection wait for a verification by content that begins after that time. */
  note(collection: string, until: number): Promise<unknown>;
  /** @param noted collections whose gates wait. */
  told(bucket: string, partitions: readonly number[], noted: readonly string[]): void;
  failed(bucket: string, error: unknown): void;
  /** Milliseconds since the epoch, as the beginnings of runs are counted. */
  now(): number;
  /** Milliseconds, on a clock that is never set back. */
  steady(): number;
  /** Milliseconds between two writes of what is seen for the first time. */
  readonly bake: number;
}

export interface Watched {
  readonly collections: readonly string[];
  /** Those whose writes a failover may take away after they were acknowledged. */
  readonly notDurable: readonly string[];
}

/** Milliseconds after a failure. */
const RETRY = 5_000;

interface Bucket {
  known: ReadonlyMap<number, string> | null;
  /** Seen, and not remembered yet: the first history of a partition, and the last one. */
  readonly waiting: Map<number, { readonly first: string; readonly last: string }>;
  isAtWork: boolean;
  /** When it is worth looking at what waits. */
  next: number;
  /** When it is tried again after a failure. */
  retry: number;
}

/** @returns what is called for each mutation in a bucket. */
export function failoverWatch(ports: FailoverPorts): (bucket: string, partition: Made['partition']) => void {
  const buckets = new Map<string, Bucket>();
  return (name, partition) => {
    if (partition === null) return;
    const bucket = buckets.get(name) ?? newBucket();
    buckets.set(name, bucket);
    const { id, uuid } = partition;
    const known = bucket.known?.get(id);
    if (known === uuid) return;
    const first = bucket.waiting.get(id)?.first ?? uuid;
    bucket.waiting.set(id, { first, last: uuid });
    const steady = ports.steady();
    // What is new can wait, what has changed cannot.
    const isNew = (known ?? first) === uuid;
    if (bucket.isAtWork || steady < bucket.retry || (isNew && steady < bucket.next)) return;
    bucket.isAtWork = true;
    settle(name, bucket, ports)
      .then(
        () => {
          bucket.next = ports.steady() + ports.bake;
        },
        (error: unknown) => {
          bucket.retry = ports.steady() + RETRY;
          ports.failed(name, error);
        },
      )
      .finally(() => {
        bucket.isAtWork = false;
      });
  };
}

function newBucket(): Bucket {
  return { known: null, waiting: new Map(), isAtWork: false, next: 0, retry: 0 };
}

async function settle(name: string, bucket: Bucket, ports: FailoverPorts): Promise<void> {
  const { collections = [], notDurable = [] } = ports.buckets.get(name) ?? {};
  const phases = await Promise.all(collections.map((each) => ports.phase(each)));
  // Oracle may not be there.
  if (phases.every((phase) => phase === 'legacy')) return bucket.waiting.clear();
  const seen = [...bucket.waiting];
  const known = await ports.known(name);
  const changed = seen.filter(([id, { first, last }]) => (known.get(id) ?? first) !== last).map(([id]) => id);
  if (changed.length > 0) {
    const noted = notDurable.filter((each) => phases[collections.indexOf(each)] !== 'legacy');
    for (const collection of noted) await ports.note(collection, ports.now());
    ports.told(name, changed, noted);
  }
  const histories = seen
    .map(([id, { last: uuid }]) => ({ id, uuid, before: known.get(id) ?? null }))
    .filter(({ uuid, before }) => uuid !== before);
  if (histories.length > 0) await ports.remember(name, histories);
  bucket.known = new Map([...known, ...seen.map(([id, { last }]) => [id, last] as const)]);
  for (const [id, { last }] of seen) if (bucket.waiting.get(id)?.last === last) bucket.waiting.delete(id);
}
