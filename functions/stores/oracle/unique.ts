/**
 * An insertion that violates something unique has met the row of its key, or another row that has the values of columns which somebody has
 * made unique. The first is the answer that the row is there; the second is a refusal of the document.
 */
import type oracledb from 'oracledb';
import { isUniqueViolation, violatedIn } from './failure.ts';
import type { Statement } from './statements.ts';

const COMMIT = { autoCommit: true };

/** The name that `schema.ts` gives the primary key of a table. */
const primaryKeyOf = (table: string): string => `${table}_PK`;

/** Whether the violation names something else than our primary key. An owner may have named the key otherwise: only the rows tell then. */
export function mayBeOther(error: unknown, table: string): boolean {
  return isUniqueViolation(error) && violatedIn(error) !== primaryKeyOf(table);
}

/** Whether the statement has changed a row. An insertion of what is there changes none. Throws where another row has its values. */
export async function changes(
  session: oracledb.Connection,
  { text, binds }: Statement,
  table: string,
  options: oracledb.ExecuteOptions = COMMIT,
): Promise<boolean> {
  try {
    return (await session.execute(text, binds, options)).rowsAffected === 1;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    if (!text.startsWith('INSERT')) throw error;
    if (mayBeOther(error, table) && !(await hasRow(session, table, String(binds.key)))) throw error;
    return false;
  }
}

async function hasRow(session: oracledb.Connection, table: string, key: string): Promise<boolean> {
  const { rows = [] } = await session.execute(`SELECT 1 FROM ${table} WHERE doc_key = :key`, { key });
  return rows.length > 0;
}
