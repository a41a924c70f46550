/** Where a shard stands, written down within the transaction of the documents that it is about. */
import type oracledb from 'oracledb';
import type { Step } from '../records/finding.ts';
import { type Hold, Overtaken } from '../records/run.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { note } from './findings.ts';
import { addProjected } from './projected_book.ts';

/**
 * Moves a shard on, within the transaction of the documents that it is moved on by. Throws `Overtaken`.
 * @param to the last key that is done with this batch.
 */
async function advance(
  session: oracledb.Connection,
  hold: Hold,
  { to, counts, markers, passed }: Pick<Step, 'to' | 'counts' | 'markers' | 'passed'>,
  now: number,
): Promise<void> {
  const { run, shard, epoch } = hold;
  const { listed, applied, stale, gone, failed, bytes } = counts;
  const { count: marked, oldest } = markers ?? { count: 0, oldest: null };
  const { ignored, elsewhere } = passed ?? { ignored: 0, elsewhere: 0 };
  // Where functions of the version before have begun the run, sums that they do not count are null, and stay so.
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_SHARDS SET done_key = :up_to, listed = listed + :listed, applied = applied + :applied, ' +
      'stale = stale + :stale, gone = gone + :gone, failed = failed + :failed, bytes = bytes + :bytes, ' +
      'markers = markers + :marked, oldest_marker = CASE WHEN :met > 0 THEN LEAST(COALESCE(oldest_marker, :oldest), :oldest2) ' +
      'ELSE oldest_marker END, ignored = ignored + :ignored, elsewhere = elsewhere + :elsewhere, changed = :now WHERE run_id = :run AND shard = :shard AND epoch = :epoch',
    {
      ...{ up_to: to, listed, applied, stale, gone, failed, bytes, marked, met: marked },
      ...{ oldest: oldest ?? 0, oldest2: oldest ?? 0, ignored, elsewhere, now, run, shard, epoch },
    },
  );
  if (rowsAffected !== 1) throw new Overtaken(hold);
}

/** Moves a shard on, and writes down what was found, within the transaction of what was done. Throws `Overtaken`. */
export async function recordStep(
  session: oracledb.Connection,
  hold: Hold,
  step: Step,
  now: number,
): Promise<void> {
  await note(session, hold.run, step.findings, now);
  await advance(session, hold, step, now);
  if (step.projected !== undefined) await addProjected(session, hold, step.projected);
}

/** The same in a transaction of its own. */
export async function recordAlone(
  connection: OracleConnection,
  hold: Hold,
  step: Step,
  now: number,
): Promise<void> {
  const target: Target = { store: 'oracle', operation: 'record', collection: 'CROSSFADE_SHARDS', key: null };
  await connection.use(target, true, async (session) => {
    await recordStep(session, hold, step, now);
    await session.commit();
  });
}
