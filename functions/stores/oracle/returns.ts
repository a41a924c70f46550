/** A write that gives back the version that it made. */
import oracledb from 'oracledb';
import type { Version } from '../../protocol/version.ts';
import type { Statement } from './statements.ts';

const WRITTEN = { dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 20 };

/** Commits unless it is told otherwise. @param statement with RETURNING … INTO :written. @returns null where it has changed no row. */
export async function returns(
  connection: oracledb.Connection,
  { text, binds }: Statement,
  options: oracledb.ExecuteOptions = { autoCommit: true },
): Promise<Version | null> {
  const all = { ...binds, written: WRITTEN };
  const { outBinds } = await connection.execute<{ written: string[] }>(text, all, options);
  const written = outBinds?.written[0];
  return written === undefined ? null : BigInt(written);
}
