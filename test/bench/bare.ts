/** What the measurements' baselines are made of: both drivers, and nothing of ours. */
import type oracledb from 'oracledb';
import type { Keyspace } from '../../functions/stores/couchbase/connection.ts';

/** Bodies as they are, flagged as JSON. */
export const RAW = {
  encode: (body: Buffer): [Buffer, number] => [body, 0x02000006],
  decode: (bytes: Buffer) => bytes,
};

export function pathOf({ bucket, scope, collection }: Keyspace): string {
  return `\`${bucket}\`.\`${scope}\`.\`${collection}\``;
}

/** The next keys of a collection, in byte order. */
export const listOf = (path: string) =>
  `SELECT RAW META(d).id FROM ${path} AS d WHERE META(d).id > $after ORDER BY META(d).id LIMIT $limit`;

export async function createTable(session: oracledb.Connection): Promise<void> {
  await session.execute('CREATE TABLE BARE (k VARCHAR2(250 BYTE) PRIMARY KEY, body BLOB)');
}

export async function upsertRow(
  session: oracledb.Connection,
  k: string,
  body: Buffer,
  options: oracledb.ExecuteOptions = { autoCommit: true },
): Promise<void> {
  const update = 'UPDATE BARE SET body = :body WHERE k = :k';
  const { rowsAffected } = await session.execute(update, { body, k }, options);
  if (rowsAffected === 0)
    await session.execute('INSERT INTO BARE (k, body) VALUES (:k, :body)', { k, body }, options);
}

/** No row is left, neither in ours nor in the baseline's. */
export async function clear(session: oracledb.Connection, table: string): Promise<void> {
  await session.execute(`DELETE FROM ${table}`, [], { autoCommit: true });
  await session.execute('DELETE FROM BARE', [], { autoCommit: true });
}
