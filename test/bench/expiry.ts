/** The sweep of expired documents beside the statement of the version before, which one round made once for each collection. */
import { sweepBatch } from '../../functions/stores/oracle/expired.ts';
import type { Table } from '../../functions/stores/oracle/table.ts';
import { testDatabase } from '../stores/oracle/database.ts';
import { createTable } from './bare.ts';
import { compare } from './rounds.ts';

const [SIDE, BATCH, BEFORE, NOW] = [64, 2048, 500, 1_100_000_000];
const TARGET = { store: 'oracle', operation: 'sweep', collection: 'BENCH', key: null } as const;
const concurrent = process.argv.includes('--concurrent');

const { connection, table, stop } = await testDatabase({ concurrent, timeout: 60_000 });
const bare: Table = { name: 'BARE', columns: [], projections: [] };
await connection.use(TARGET, true, createTable);
console.log(
  `${SIDE ** 2} expired documents of 900 bytes, ${concurrent ? 'PostgreSQL' : 'PGlite'}, median of 5 rounds`,
);

/** Expired documents, one for each pair of some keys, and nothing else. */
async function fill({ name }: Table): Promise<void> {
  await connection.use(TARGET, true, async (session) => {
    await session.execute(`DELETE FROM ${name}`);
    const rows = Array.from({ length: SIDE }, (_, n) => ({ k: `k-${n}`, bytes: Buffer.alloc(900, 'x') }));
    const into = `INSERT INTO ${name} (doc_key, version, handback, kind, bytes, expires)`;
    await session.executeMany(`${into} VALUES (:k, 1, 0, 'other', :bytes, 1000000000)`, rows);
    await session.execute(
      `${into} SELECT a.doc_key || '.' || b.doc_key, 1, 0, 'other', a.bytes, a.expires FROM ${name} a, ${name} b`,
    );
    await session.execute(`DELETE FROM ${name} WHERE doc_key NOT LIKE '%.%'`);
    await session.commit();
  });
}

/** As it was: no row is locked before it is changed, so it waits for other transactions. */
async function sweepBefore(): Promise<number> {
  const text =
    `UPDATE BARE SET kind = 'gone', body = NULL, bytes = NULL, expires = NULL, request = NULL WHERE doc_key IN ` +
    `(SELECT doc_key FROM BARE WHERE expires <= :now AND kind <> 'gone' FETCH FIRST :most ROWS ONLY) AND expires <= :now2`;
  return connection.use(TARGET, true, async (session) => {
    const binds = { now: NOW, most: BEFORE, now2: NOW };
    return (await session.execute(text, binds, { autoCommit: true })).rowsAffected ?? 0;
  });
}

async function rate(of: Table, sweep: () => Promise<number>): Promise<number> {
  await fill(of);
  const began = performance.now();
  let rows = 0;
  for (let swept = -1; swept !== 0; rows += swept) swept = await sweep();
  return (rows * 1000) / (performance.now() - began);
}

await compare(
  'sweep of expired documents, rows',
  {
    label: 'store',
    rate: () => rate(table, () => sweepBatch(connection, table, TARGET, BATCH, NOW * 1000)),
  },
  { label: 'before', rate: () => rate(bare, sweepBefore) },
);
await stop();
