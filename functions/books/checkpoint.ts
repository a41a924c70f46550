/** Where a shard stands, written down within the transaction of the documents that it is about. */
import type oracledb from 'oracledb';
import type { Step } from '../records/finding.ts';
import { type Counts, type Hold, Overtaken } from '../records/run.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { note } from './findings.ts';

/**
 * Moves a shard on, within the transaction of the documents that it is moved on by. Throws `Overtaken`.
 * @param to the last key that is done with this batch.
 */
async function advance(
  session: oracledb.Connection,
  hold: Hold,
  to: string,
  { listed, applied, stale, gone, failed, bytes }: Counts,
  now: number,
): Promise<void> {
  const { run, shard, epoch } = hold;
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_SHARDS SET done_key = :up_to, listed = listed + :listed, applied = applied + :applied, ' +
      'stale = stale + :stale, gone = gone + :gone, failed = failed + :failed, bytes = bytes + :bytes, changed = :now ' +
      'WHERE run_id = :run AND shard = :shard AND epoch = :epoch',
    { up_to: to, listed, applied, stale, gone, failed, bytes, now, run, shard, epoch },
  );
  if (rowsAffected !== 1) throw new Overtaken(hold);
}

/** Moves a shard on, and writes down what was found, within the transaction of what was done. Throws `Overtaken`. */
export async function recordStep(
  session: oracledb.Connection,
  hold: Hold,
  { to, counts, findings }: Step,
  now: number,
): Promise<void> {
  await note(session, hold.run, findings, now);
  await advance(session, hold, to, counts, now);
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
