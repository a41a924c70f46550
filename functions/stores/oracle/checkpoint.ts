/** What is written down within the transaction of the documents that it is about. */
import type oracledb from 'oracledb';
import { type Counts, type Hold, Overtaken } from './ledger.ts';

export interface Finding {
  readonly key: string;
  readonly verdict: 'poison';
  readonly detail: string;
}

/**
 * Moves a shard on, within the transaction of the documents that it is moved on by. Throws `Overtaken`.
 * @param to the last key that is done with this batch.
 */
export async function advance(
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

/** Writes down what was found, within a transaction. What is there already keeps the time at which it was first seen. */
export async function note(
  session: oracledb.Connection,
  run: string,
  findings: readonly Finding[],
  now: number,
): Promise<void> {
  for (const { key, verdict, detail } of findings) {
    const updated = await session.execute(
      'UPDATE CROSSFADE_FINDINGS SET verdict = :verdict, detail = :detail, last_seen = :now WHERE run_id = :run AND doc_key = :key',
      { verdict, detail: cut(detail), now, run, key },
    );
    if (updated.rowsAffected === 0)
      await session.execute(
        'INSERT INTO CROSSFADE_FINDINGS (run_id, doc_key, verdict, detail, first_seen, last_seen) ' +
          'VALUES (:run, :key, :verdict, :detail, :now, :now2)',
        { run, key, verdict, detail: cut(detail), now, now2: now },
      );
  }
}

/** The column has room for 4,000 bytes. */
function cut(detail: string): string {
  return Buffer.from(detail).subarray(0, 3900).toString('utf8');
}
