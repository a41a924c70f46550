/** Removes what certifications have written: the only rows of documents that the functions may delete. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { SCRATCH } from './schema.ts';

const target: Target = { store: 'oracle', operation: 'clear', collection: SCRATCH, key: null };
/** Milliseconds that it may take: a certification leaves a few thousand rows. */
const LONGEST = 60_000;

/** Removes the rows of the scratch table whose keys lie above one key, and up to another. */
export async function removeRows(connection: OracleConnection, above: string, upTo: string): Promise<void> {
  const text = `DELETE FROM ${SCRATCH} WHERE doc_key > :above AND doc_key <= :up_to`;
  const binds = { above, up_to: upTo };
  const remove = (session: oracledb.Connection) => session.execute(text, binds, { autoCommit: true });
  await connection.use(target, true, remove, LONGEST);
}
