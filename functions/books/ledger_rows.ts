/** Rows of runs and shards, and what they are to the rest of us. */
import type oracledb from 'oracledb';
import { isPhase } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';
import type {
  Counts,
  Ended,
  Kind,
  Markers,
  Options,
  Outcome,
  Run,
  ShardRow,
  Totals,
} from '../records/run.ts';

/** Columns of a run, and of what a shard counts. */
export const RUN = 'run_id, kind, collection, stamp, phase, started, options';
export const COUNTS = 'listed, applied, stale, gone, failed, bytes';
/** Of a run that has ended. */
export const ENDED = `${RUN}, finished, outcome, markers, oldest_marker, ignored, elsewhere`;

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
  if (typeof phase !== 'string' || !isPhase(phase))
    throw new Error(
      `The run ${id} was begun in ${phase}, which is no phase: was the row written by a later version?`,
    );
  return {
    ...{ id: id as string, kind: kind as Kind, collection: collection as string, stamp: stamp as string },
    ...{ phase, started: started as number },
    options: JSON.parse(options as string) as Options,
  };
}

export function endedFrom(row: readonly unknown[]): Ended {
  const [finished, outcome, markers, oldest, ignored, elsewhere] = row.slice(-6) as [
    number,
    Outcome,
    ...(readonly (number | null)[]),
  ];
  return {
    ...{ ...runFrom(row), finished, outcome },
    ...(typeof markers === 'number' ? { markers: { count: markers, oldest: oldest ?? null } } : {}),
    ...(typeof ignored === 'number' ? { passed: { ignored, elsewhere: elsewhere ?? 0 } } : {}),
  };
}

/** What a run has counted beside its documents. */
export type Counted = Partial<Pick<Totals, 'markers' | 'passed'>>;

export function bindsOf({ markers = null, passed = null }: Counted) {
  return {
    ...{ markers: markers?.count ?? null, oldest: markers?.oldest ?? null },
    ...{ ignored: passed?.ignored ?? null, elsewhere: passed?.elsewhere ?? null },
  };
}

/** Added up by Oracle: a run has thousands of shards, and some callers ask once a minute. */
export async function totalsIn(session: oracledb.Connection, run: string): Promise<Totals> {
  const sums = COUNTS.split(', ').map((name) => `SUM(${name})`);
  const { rows = [] } = await session.execute<(number | null)[]>(
    `SELECT COUNT(*), SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END), MAX(changed), ${sums.join(', ')}, ` +
      'COUNT(markers), SUM(markers), MIN(oldest_marker), COUNT(ignored), SUM(ignored), SUM(elsewhere) ' +
      'FROM CROSSFADE_SHARDS WHERE run_id = :run',
    { run },
  );
  // Sums of no rows are null.
  const [
    shards = 0,
    done = 0,
    changed = 0,
    listed = 0,
    applied = 0,
    stale = 0,
    gone = 0,
    failed = 0,
    bytes = 0,
    counting = 0,
    marked = 0,
    oldest = 0,
    sifting = 0,
    ignored = 0,
    elsewhere = 0,
  ] = (rows[0] ?? []).map(Number);
  const markers = counting === shards ? markersFrom([marked, oldest]) : null;
  const passed = sifting === shards ? { ignored, elsewhere } : null;
  return { shards, done, changed, listed, applied, stale, gone, failed, bytes, markers, passed };
}

/** Of both columns, as numbers: 0 where they are null. */
function markersFrom([count = 0, oldest = 0]: readonly number[]): Markers {
  return { count, oldest: oldest === 0 ? null : oldest };
}

/** @param given so many of them, the first ones, are given out: they have an epoch. */
export async function addShards(
  session: oracledb.Connection,
  run: string,
  shards: readonly Shard[],
  { first, changed, given }: { readonly first: number; readonly changed: number; readonly given: number },
): Promise<void> {
  for (const [n, { after, upTo }] of shards.entries())
    await session.execute(
      `INSERT INTO CROSSFADE_SHARDS (run_id, shard, after_key, up_to_key, state, epoch, ${COUNTS}, markers, ignored, elsewhere, changed) ` +
        "VALUES (:run, :shard, :after, :up_to, 'open', :epoch, 0, 0, 0, 0, 0, 0, 0, 0, 0, :changed)",
      { run, shard: first + n, after, up_to: upTo, epoch: n < given ? 1 : 0, changed },
    );
}

/** Gives a shard out. False where it is given out already. */
export async function give(session: oracledb.Connection, run: string, shard: number): Promise<boolean> {
  const { rowsAffected } = await session.execute(
    "UPDATE CROSSFADE_SHARDS SET epoch = 1 WHERE run_id = :run AND shard = :shard AND epoch = 0 AND state = 'open'",
    { run, shard },
  );
  return rowsAffected === 1;
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
