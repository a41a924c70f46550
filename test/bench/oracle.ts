/** The Oracle store beside the bare driver doing the same, in turns, against one embedded server. */
import { randomUUID } from 'node:crypto';
import oracledb from 'oracledb';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { Batches } from '../../functions/stores/oracle/batch.ts';
import { testDatabase } from '../stores/oracle/database.ts';
import { BINDS, createTable, INSERT, SELECT, UPDATE } from './bare.ts';
import { compare, perSecond } from './rounds.ts';

const [ROWS, BATCH, CONCURRENCY] = [4000, 500, 4];
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));
const concurrent = process.argv.includes('--concurrent');

const { connection, store, table, credentials, stop } = await testDatabase({ concurrent, timeout: 60_000 });
const content = documentFrom(BODY, null);
const pool = await oracledb.createPool({ ...credentials, poolMax: 8 });
const session = await pool.getConnection();
await createTable(session);

console.log(
  `${BODY.length} byte bodies, batches of ${BATCH}, ${concurrent ? 'PostgreSQL' : 'PGlite'}, median of 5 rounds`,
);
/** The same rows, by the driver alone. */
const bareMany = (text: string, all: readonly string[]) =>
  session.executeMany(
    text,
    all.map((k) => ({ k, body: BODY })),
    { bindDefs: BINDS, autoCommit: true },
  );
const batches = new Batches(connection, table);
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
    rate: () => rowsPerSecond((batch) => batches.apply(batch.map((key) => ({ key, content, version: 1n })))),
  },
  {
    label: 'executeMany',
    rate: () => rowsPerSecond((batch) => bareMany(INSERT, batch)),
  },
);

const known = keys('known');
let version = 1n;
await batches.apply(known.map((key) => ({ key, content, version })));
await bareMany(INSERT, known);

await compare(
  'batch of newer documents, rows',
  {
    label: 'store',
    rate: () =>
      rowsPerSecond(() => {
        version++;
        return batches.apply(known.map((key) => ({ key, content, version })));
      }),
  },
  {
    label: 'executeMany',
    rate: () => rowsPerSecond(() => bareMany(UPDATE, known)),
  },
);

await compare(
  'batch copied once more, rows',
  {
    label: 'store',
    rate: () => rowsPerSecond(() => batches.apply(known.map((key) => ({ key, content, version })))),
  },
  {
    label: 'executeMany',
    rate: () => rowsPerSecond(() => bareMany(UPDATE, known)),
  },
);

const place = (index: number) => known[index % BATCH] as string;
const withConnection = async (act: (connection: oracledb.Connection) => Promise<unknown>) => {
  const borrowed = await pool.getConnection();
  await act(borrowed);
  await borrowed.close();
};
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
        withConnection((borrowed) => borrowed.execute(SELECT, { k: place(index) }, asBytes)),
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
          borrowed.execute(UPDATE, { k: place(index), body: BODY }, { autoCommit: true }),
        ),
      ),
  },
);
await session.close();
await pool.close(0);
await stop();
