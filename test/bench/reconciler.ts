/** Receipts that are settled, beside what anybody would write to bring a row up to date: get, update, insert. */
import oracledb from 'oracledb';
import { settle } from '../../functions/reconciliation/settle.ts';
import { Rig } from '../runs/rig.ts';
import { clear, createTable, RAW, upsertRow } from './bare.ts';
import { body, COUNT, fill } from './documents.ts';
import { compare, perSecond } from './rounds.ts';

/** As many as one container handles at a time. */
const CONCURRENCY = 8;

const rig = await Rig.start({ concurrent: true, size: 8 });
const { cluster, database } = rig;
const keys = await fill(rig);
const pool = await oracledb.createPool({ ...database.credentials, poolMax: CONCURRENCY });

async function using<T>(act: (session: oracledb.Connection) => Promise<T>): Promise<T> {
  const session = await pool.getConnection();
  try {
    return await act(session);
  } finally {
    await session.close();
  }
}

async function ours(): Promise<number> {
  const stores = { couchbase: cluster.store, oracle: database.store };
  return perSecond(COUNT, CONCURRENCY, async (index) => {
    const receipt = {
      collection: 'orders',
      key: keys[index] as string,
      phase: 'expand',
      cause: 'write',
      expired: 0n,
    } as const;
    const settled = await settle(
      receipt,
      'expand',
      stores,
      async () => true,
      () => true,
    );
    if (settled !== 'settled') throw new Error(settled);
  });
}

async function bare(): Promise<number> {
  return perSecond(COUNT, CONCURRENCY, async (index) => {
    const k = keys[index] as string;
    const { content } = await cluster.collection.get(k, { transcoder: RAW });
    await using((session) => upsertRow(session, k, content as Buffer));
  });
}

await using(createTable);
console.log(`${COUNT} receipts of documents of ${body(1).length} bytes, ${CONCURRENCY} at a time`);
const after = (rate: () => Promise<number>) => async () => {
  await using((session) => clear(session, database.table.name));
  return rate();
};
await compare(
  'rows that Oracle lacks',
  { label: 'settled', rate: after(ours) },
  { label: 'bare', rate: after(bare) },
  null,
  COUNT,
);
await ours();
await bare();
await compare(
  'rows that are there already',
  { label: 'settled', rate: ours },
  { label: 'bare', rate: bare },
  null,
  COUNT,
);
await pool.close(0);
await rig.stop();
