/** Whether Oracle would take a document: its row and those of its projections are written, with all that looks at them then, and rolled back. */
import type oracledb from 'oracledb';
import { NO_ROW } from '../../protocol/state.ts';
import type { Target } from '../failure.ts';
import { DocumentWrite } from './document_write.ts';
import { insertRow, overwriteRow } from './statements.ts';
import type { Filled, Table } from './table.ts';

/** Throws what Oracle says. The row is locked meanwhile, for two or three round trips, and those of its projections. */
export async function tryRow(
  session: oracledb.Connection,
  table: Table,
  target: Target & { readonly key: string },
  filled: Filled,
): Promise<void> {
  const document = new DocumentWrite(session, table, target, filled);
  try {
    if (await document.changes(overwriteRow(table, target.key, filled), false)) return;
    await document.changes(insertRow(table, target.key, filled, { ...NO_ROW, version: 1n }), false);
  } finally {
    // Not left to the pool, which gives the session back without waiting: the row would stay locked for the write that follows.
    await session.rollback();
  }
}
