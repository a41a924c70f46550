/** What the measurements' baselines are made of: both drivers, and nothing of ours but the shape of a table, which holds the same rows. */
import oracledb from 'oracledb';
import type { Keyspace } from '../../functions/stores/couchbase/connection.ts';
import { collectionSubjects } from '../../functions/stores/oracle/schema.ts';

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
  for (const { steps } of collectionSubjects({ name: 'BARE', columns: [], projections: [] }))
    for (const statement of steps.flat()) await session.execute(statement);
}

/** What is the same in every row of the baselines. */
const FIXED = "1, 0, 'json'";
export const INSERT = `INSERT INTO BARE (doc_key, version, handback, kind, body) VALUES (:k, ${FIXED}, :body)`;
export const UPDATE = 'UPDATE BARE SET version = version + 1, body = :body WHERE doc_key = :k';
export const SELECT = 'SELECT version, body FROM BARE WHERE doc_key = :k';

/** Types of the binds of a batch. */
export const BINDS = {
  k: { type: oracledb.STRING, maxSize: 250 },
  body: { type: oracledb.BUFFER, maxSize: 2000 },
};

export async function upsertRow(
  session: oracledb.Connection,
  k: string,
  body: Buffer,
  options: oracledb.ExecuteOptions = { autoCommit: true },
): Promise<void> {
  const { rowsAffected } = await session.execute(UPDATE, { body, k }, options);
  if (rowsAffected === 0) await session.execute(INSERT, { k, body }, options);
}

/** No row is left, neither in ours nor in the baseline's. */
export async function clear(session: oracledb.Connection, table: string): Promise<void> {
  await session.execute(`DELETE FROM ${table}`, [], { autoCommit: true });
  await session.execute('DELETE FROM BARE', [], { autoCommit: true });
}
