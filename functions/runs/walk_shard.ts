/**
 * Walks along the keys of one shard, batch by batch. It can end anywhere, and be taken up anywhere, by anybody: where the shard
 * stands is written down with each batch, by whoever acts on it.
 */
import type { Shard } from '../protocol/shard.ts';
import type { Counts, ShardRow } from '../stores/oracle/ledger_rows.ts';
import { type BatchLimits, batchesOf, type Sized } from './batches.ts';

export interface WalkPorts {
  /** The next keys of a shard, in byte order; fewer than `limit` only where there are no more. */
  keys(shard: Shard, limit: number): Promise<readonly string[]>;
  /** Bytes of each body, null for what is not there. */
  sizes(keys: readonly string[]): Promise<readonly (number | null)[]>;
  finish(): Promise<void>;
  /** Waits until it is the turn of so many documents. False where that comes only after time is up. */
  pace(documents: number): Promise<boolean>;
  /** Whether there is time for another batch. */
  timely(): boolean;
  /** Is told after each batch. */
  alive(): Promise<void>;
}

/** Where a shard stands after a batch, and what it counts. */
export interface Step {
  readonly to: string;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
}

/** A document that somebody has to look at. */
export interface Finding {
  readonly key: string;
  readonly verdict: 'poison' | 'suspect';
  /** What kind of difference it is, in one word. */
  readonly kind: string;
  readonly detail: string;
  /** Which states were seen, so that a later look knows whether they are still the same. */
  readonly seen: string | null;
}

/** Of what no attempt will ever move. */
export function poison(key: string, detail: string): Finding {
  return { key, verdict: 'poison', kind: 'poison', detail, seen: null };
}

/** `rest`: time is up, and somebody has to go on from where the shard stands. */
export type Walked = 'done' | 'rest';

/** Keys that are listed at a time. */
const PAGE = 1000;

/** What is done with a batch: while one is acted on, the next is prepared. */
export interface Acts<Prepared> {
  /** Reads what it takes, and changes nothing. */
  prepare(batch: readonly Sized[]): Promise<Prepared>;
  act(batch: readonly Sized[], prepared: Prepared): Promise<void>;
}

/** Throws `StoreUnavailable` where a store does not answer: the shard stands where it stood after the last batch. */
export async function walkShard<Prepared>(
  row: ShardRow,
  ports: WalkPorts,
  limits: BatchLimits,
  { prepare, act }: Acts<Prepared>,
): Promise<Walked> {
  if (row.state === 'done') return 'done';
  let acting: Promise<void> = Promise.resolve();
  const actOn = async (batch: readonly Sized[], prepared: Prepared) => {
    await act(batch, prepared);
    await ports.alive();
  };
  try {
    for await (const batch of batchesIn(row, ports, limits)) {
      if (!ports.timely() || !(await ports.pace(batch.length))) return 'rest';
      const prepared = await prepare(batch);
      await acting;
      acting = actOn(batch, prepared);
      // It is awaited, but perhaps not before it has failed.
      acting.catch(() => {});
    }
  } finally {
    await acting;
  }
  if (!ports.timely()) return 'rest';
  await ports.finish();
  return 'done';
}

/** All of a shard, until there is no time left to ask for more. */
async function* batchesIn(
  row: ShardRow,
  ports: WalkPorts,
  limits: BatchLimits,
): AsyncGenerator<readonly Sized[]> {
  let after = row.doneKey ?? row.after;
  while (ports.timely()) {
    const keys = await ports.keys({ after, upTo: row.upTo }, PAGE);
    if (keys.length === 0) return;
    const sizes = await ports.sizes(keys);
    yield* batchesOf(
      keys.map((key, index) => ({ key, size: sizes[index] ?? null })),
      limits,
    );
    after = keys.at(-1) as string;
  }
}
