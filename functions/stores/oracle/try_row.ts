/** Whether Oracle would take a row: it is written, with all that looks at it then, and rolled back. */
import type oracledb from 'oracledb';
import { NO_ROW } from '../../protocol/state.ts';
import { insertRow, overwriteRow } from './statements.ts';
import type { Filled, Table } from './table.ts';
import { changes } from './unique.ts';

const UNCOMMITTED = { autoCommit: false };

/** Throws what Oracle says. The row is locked meanwhile, for two or three round trips. */
export async function tryRow(
  session: oracledb.Connection,
  table: Table,
  key: string,
  filled: Filled,
): Promise<void> {
  try {
    if (await changes(session, overwriteRow(table, key, filled), table.name, UNCOMMITTED)) return;
    await changes(
      session,
      insertRow(table, key, filled, { ...NO_ROW, version: 1n }),
      table.name,
      UNCOMMITTED,
    );
  } finally {
    // Not left to the pool, which gives the session back without waiting: the row would stay locked for the write that follows.
    await session.rollback();
  }
}
