/** Rows that are inserted once, whoever comes first. */
import type oracledb from 'oracledb';
import { isUniqueViolation } from './failure.ts';

/** Inserts a row, and commits unless it says otherwise. @returns false where a row of its key is there already: nothing is written then. */
export async function inserted(
  session: oracledb.Connection,
  text: string,
  row: oracledb.BindParameters,
  autoCommit = true,
): Promise<boolean> {
  try {
    await session.execute(text, row, { autoCommit });
    return true;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return false;
  }
}
