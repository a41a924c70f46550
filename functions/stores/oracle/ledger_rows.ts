/** Rows of runs and shards, and what they are to the rest of us. */
import type oracledb from 'oracledb';
import type { Shard } from '../../protocol/shard.ts';
import type { Kind, Options } from '../../runs/request.ts';

export interface Run {
  readonly id: string;
  readonly kind: Kind;
  readonly collection: string;
  readonly options: Options;
  /** Hash of what the run is made with: another stamp is another run. */
  readonly stamp: string;
  readonly phase: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

export type Outcome = 'clean' | 'failures' | 'stopped';

export interface Ended extends Run {
  readonly finished: number;
  readonly outcome: Outcome;
}

export interface Counts {
  /** Keys that were listed; the sum of the others. */
  readonly listed: number;
  /** Copied; of a verification, found equal. */
  readonly applied: number;
  /** There as new already. */
  readonly stale: number;
  /** Deleted since they were listed. */
  readonly gone: number;
  /** Set aside; of a verification, found different at the first look. */
  readonly failed: number;
  /** Of the bodies that were applied, or compared. */
  readonly bytes: number;
}

export interface ShardRow extends Shard, Counts {
  readonly shard: number;
  /** The last key that is done; null before the first. */
  readonly doneKey: string | null;
  readonly state: 'open' | 'done';
  /** Milliseconds since the epoch. */
  readonly changed: number;
}

/** A piece of a run, as one worker holds it: whoever takes it over later has a higher epoch, and this one can do no more. */
export interface Hold {
  readonly run: string;
  readonly shard: number;
  readonly epoch: number;
}

/** Somebody else holds the shard now. Nothing of what was tried has happened. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor({ run, shard }: Hold) {
    super(`Shard ${shard} of the run ${run} is held by another worker now; this one stops`);
  }
}

/** Columns of a run, and of what a shard counts. */
export const RUN = 'run_id, kind, collection, stamp, phase, started, options';
export const COUNTS = 'listed, applied, stale, gone, failed, bytes';

export async function runIn(
  session: oracledb.Connection,
  where: string,
  binds: Record<string, string>,
): Promise<Run | null> {
  const { rows = [] } = await session.execute<unknown[]>(
    `SELECT ${RUN} FROM CROSSFADE_RUNS WHERE ${where}`,
    binds,
  );
  const [row] = rows;
  return row === undefined ? null : runFrom(row);
}

export function runFrom(row: readonly unknown[]): Run {
  const [id, kind, collection, stamp, phase, started, options] = row;
  return {
    ...{ id: id as string, kind: kind as Kind, collection: collection as string, stamp: stamp as string },
    ...{ phase: phase as string, started: started as number },
    options: JSON.parse(options as string) as Options,
  };
}

export async function addShards(
  session: oracledb.Connection,
  run: string,
  shards: readonly Shard[],
  first: number,
  changed: number,
): Promise<void> {
  for (const [n, { after, upTo }] of shards.entries())
    await session.execute(
      `INSERT INTO CROSSFADE_SHARDS (run_id, shard, after_key, up_to_key, state, epoch, ${COUNTS}, changed) ` +
        "VALUES (:run, :shard, :after, :up_to, 'open', 0, 0, 0, 0, 0, 0, 0, :changed)",
      { run, shard: first + n, after, up_to: upTo, changed },
    );
}

export function shardOf(row: readonly unknown[]): ShardRow {
  const [shard, after, upTo, doneKey, state, changed, ...counts] = row;
  const [listed, applied, stale, gone, failed, bytes] = counts as number[];
  return {
    shard: shard as number,
    ...{ after: after as string | null, upTo: upTo as string | null, doneKey: doneKey as string | null },
    ...{ state: state as ShardRow['state'], changed: changed as number },
    ...({ listed, applied, stale, gone, failed, bytes } as Counts),
  };
}
