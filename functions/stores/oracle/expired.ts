/**
 * Makes tombstones of expired documents, and takes their rows out of the tables of projections, batch by batch. Each batch is one transaction. It locks its rows first and passes over rows that
 * another transaction has locked, so it waits for no other transaction, and no deadlock with a batch of copies is possible. A client's
 * write of a row of the batch waits until the batch is committed, which is why batches are small.
 */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { deleteProjectedOf } from './projected.ts';
import { lockExpired, MOST_KEYS, sweepRows } from './statements.ts';
import type { Table } from './table.ts';

/** @param most rows of the batch. @param now milliseconds since the epoch. @returns how many rows were changed. */
export async function sweepBatch(
  connection: OracleConnection,
  table: Table,
  target: Target,
  most: number,
  now: number,
): Promise<number> {
  return connection.use(target, true, async (session) => {
    const keys = await locked(session, table, most, now);
    let swept = 0;
    for (let at = 0; at < keys.length; at += MOST_KEYS) {
      const some = keys.slice(at, at + MOST_KEYS);
      for (const projection of table.projections) {
        const { text, binds } = deleteProjectedOf(projection, some);
        await session.execute(text, binds);
      }
      const { text, binds } = sweepRows(table, some, now);
      const autoCommit = at + MOST_KEYS >= keys.length;
      swept += (await session.execute(text, binds, { autoCommit })).rowsAffected ?? 0;
    }
    return swept;
  });
}

async function locked(
  session: oracledb.Connection,
  table: Table,
  most: number,
  now: number,
): Promise<string[]> {
  const { text, binds } = lockExpired(table, now, most);
  // All rows come with the answer to the statement itself.
  const { rows = [] } = await session.execute<[string]>(text, binds, {
    prefetchRows: most + 1,
    fetchArraySize: most + 1,
  });
  return rows.map(([key]) => key);
}
