/** The Oracle store beside the bare driver doing the same, in turns, against one embedded server. */
import { randomUUID } from 'node:crypto';
import oracledb from 'oracledb';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { applyBatch } from '../../functions/stores/oracle/batch.ts';
import { testDatabase } from '../stores/oracle/database.ts';
import { compare, perSecond } from './rounds.ts';

const [ROWS, BATCH, CONCURRENCY] = [4000, 500, 4];
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));
const concurrent = process.argv.includes('--concurrent');

const { connection, store, table, credentials, stop } = await testDatabase({ concurrent, timeout: 60_000 });
const content = documentFrom(BODY, null);
const pool = await oracledb.createPool({ ...credentials, poolMax: 8 });
const session = await pool.getConnection();
await session.execute(
  'CREATE TABLE BARE (doc_key VARCHAR2(250 BYTE) PRIMARY KEY, version NUMBER(20), body BLOB)',
);

console.log(
  `${BODY.length} byte bodies, batches of ${BATCH}, ${concurrent ? 'PostgreSQL' : 'PGlite'}, median of 5 rounds`,
);
const bareInsert = 'INSERT INTO BARE (doc_key, version, body) VALUES (:key, :version, :body)';
const bindDefs = {
  key: { type: oracledb.STRING, maxSize: 250 },
  version: { type: oracledb.NUMBER },
  body: { type: oracledb.BUFFER, maxSize: BODY.length },
};
const keys = (prefix: string) => Array.from({ length: BATCH }, (_, n) => `${prefix}-${n}`);

/** Rows a second, in batches that are each given keys of their own. */
async function rowsPerSecond(act: (batch: readonly string[]) => Promise<unknown>): Promise<number> {
  const run = randomUUID();
  const batches = await perSecond(ROWS / BATCH, 1, (index) => act(keys(`${run}-${index}`)));
  return batches * BATCH;
}

await compare(
  'batch of new documents, rows',
  {
    label: 'store',
    rate: () =>
      rowsPerSecond((batch) =>
        applyBatch(
          connection,
          table,
          batch.map((key) => ({ key, content, version: 1n })),
        ),
      ),
  },
  {
    label: 'executeMany',
    rate: () =>
      rowsPerSecond((batch) =>
        session.executeMany(
          bareInsert,
          batch.map((key) => ({ key, version: 1n, body: BODY })),
          {
            bindDefs,
            autoCommit: true,
          },
        ),
      ),
  },
);

const known = keys('known');
let version = 1n;
await applyBatch(
  connection,
  table,
  known.map((key) => ({ key, content, version })),
);
await session.executeMany(
  bareInsert,
  known.map((key) => ({ key, version: 1n, body: BODY })),
  {
    bindDefs,
    autoCommit: true,
  },
);
const bareUpdate = 'UPDATE BARE SET version = :version, body = :body WHERE doc_key = :key';

await compare(
  'batch of newer documents, rows',
  {
    label: 'store',
    rate: () =>
      rowsPerSecond(() => {
        version++;
        return applyBatch(
          connection,
          table,
          known.map((key) => ({ key, content, version })),
        );
      }),
  },
  {
    label: 'executeMany',
    rate: () =>
      rowsPerSecond(() =>
        session.executeMany(
          bareUpdate,
          known.map((key) => ({ key, version: 1n, body: BODY })),
          {
            bindDefs,
            autoCommit: true,
          },
        ),
      ),
  },
);

const place = (index: number) => known[index % BATCH] as string;
const withConnection = async (act: (connection: oracledb.Connection) => Promise<unknown>) => {
  const borrowed = await pool.getConnection();
  await act(borrowed);
  await borrowed.close();
};
const bareSelect = 'SELECT version, body FROM BARE WHERE doc_key = :key';
const asBytes = {
  fetchTypeHandler: ({ dbType }: { dbType?: unknown }) =>
    dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined,
} as oracledb.ExecuteOptions;

await compare(
  'read by key',
  { label: 'store', rate: () => perSecond(1000, CONCURRENCY, (index) => store.read(place(index))) },
  {
    label: 'execute',
    rate: () =>
      perSecond(1000, CONCURRENCY, (index) =>
        withConnection((borrowed) => borrowed.execute(bareSelect, { key: place(index) }, asBytes)),
      ),
  },
);
await compare(
  'apply to a row that is there',
  {
    label: 'store',
    rate: () =>
      perSecond(1000, CONCURRENCY, (index) => store.apply(place(index), { content, version: ++version })),
  },
  {
    label: 'execute',
    rate: () =>
      perSecond(1000, CONCURRENCY, (index) =>
        withConnection((borrowed) =>
          borrowed.execute(bareUpdate, { key: place(index), version: 2, body: BODY }, { autoCommit: true }),
        ),
      ),
  },
);
await session.close();
await pool.close(0);
await stop();
