/** The copy of shards beside a bare loop of driver reads and executeMany, with batches of the same size; and 1 to 4 workers. */
import oracledb from 'oracledb';
import pMap from 'p-map';
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import { portsToCopy } from '../../functions/backfill/ports.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import { Rig } from '../runs/rig.ts';
import { BATCH, body, COUNT, fill } from './documents.ts';
import { compare } from './rounds.ts';

const rig = await Rig.start({ concurrent: true, size: 8 });
const { cluster, database } = rig;
const keys = await fill(rig);
const name = `\`${cluster.keyspace.bucket}\`.\`${cluster.keyspace.scope}\`.\`${cluster.keyspace.collection}\``;

const clear = async () => {
  const session = await oracledb.getConnection(database.credentials);
  await session.execute(`DELETE FROM ${database.table.name}`, [], { autoCommit: true });
  await session.execute('DELETE FROM BARE', [], { autoCommit: true });
  await session.close();
};

async function copy(run: string, shard: number): Promise<void> {
  const { row, work } = await rig.take(run, shard);
  await copyShard(row, portsToCopy(rig.both, work), { documents: BATCH, bytes: 4_000_000 });
}

/** Documents a second, with so many workers on as many shards. */
async function ours(workers: number): Promise<number> {
  await clear();
  const run = await rig.begin(shardsFrom(keys, workers));
  const began = performance.now();
  await Promise.all((await rig.shards(run)).map(({ shard }) => copy(run, shard)));
  return (COUNT * 1000) / (performance.now() - began);
}

/** What anybody would write: list, get, insert. */
async function bare(): Promise<number> {
  await clear();
  const session = await oracledb.getConnection(database.credentials);
  const transcoder = {
    encode: (bytes: Buffer): [Buffer, number] => [bytes, 0],
    decode: (bytes: Buffer) => bytes,
  };
  const began = performance.now();
  for (let after = ''; ; ) {
    const { rows } = await cluster.cluster.query<string>(
      `SELECT RAW META(d).id FROM ${name} AS d WHERE META(d).id > $after ORDER BY META(d).id LIMIT $limit`,
      { parameters: { after, limit: BATCH } },
    );
    if (rows.length === 0) break;
    after = rows.at(-1) as string;
    const read = await pMap(
      rows,
      async (k) => ({ k, body: (await cluster.collection.get(k, { transcoder })).content as Buffer }),
      { concurrency: 32 },
    );
    const bindDefs = {
      k: { type: oracledb.STRING, maxSize: 250 },
      body: { type: oracledb.BUFFER, maxSize: 2000 },
    };
    await session.executeMany('INSERT INTO BARE (k, body) VALUES (:k, :body)', read, {
      bindDefs,
      autoCommit: true,
    });
  }
  await session.close();
  return (COUNT * 1000) / (performance.now() - began);
}

/** What a team writes in an afternoon: list all, and bring over one after the other. */
async function script(): Promise<number> {
  await clear();
  const own = await oracledb.getConnection(database.credentials);
  const began = performance.now();
  const { rows } = await cluster.cluster.query<string>(
    `SELECT RAW META(d).id FROM ${name} AS d WHERE META(d).id > $after ORDER BY META(d).id LIMIT $limit`,
    { parameters: { after: '', limit: COUNT } },
  );
  for (const k of rows) {
    const { content } = await cluster.collection.get(k);
    const bound = { k, body: Buffer.from(JSON.stringify(content)) };
    const { rowsAffected } = await own.execute('UPDATE BARE SET body = :body WHERE k = :k', bound);
    if (rowsAffected === 0) await own.execute('INSERT INTO BARE (k, body) VALUES (:k, :body)', bound);
    await own.commit();
  }
  await own.close();
  return (COUNT * 1000) / (performance.now() - began);
}

const session = await oracledb.getConnection(database.credentials);
await session.execute('CREATE TABLE BARE (k VARCHAR2(250 BYTE) PRIMARY KEY, body BLOB)');
await session.close();
console.log(
  `${COUNT} documents of ${body(1).length} bytes, batches of ${BATCH}, documents a second, median of 5 rounds`,
);
await compare(
  'one worker',
  { label: 'backfill', rate: () => ours(1) },
  { label: 'bare loop', rate: bare },
  { atLeast: 0.9 },
);
await compare(
  'beside a script, row by row',
  { label: 'backfill', rate: () => ours(1) },
  { label: 'script', rate: script },
  { atLeast: 5 },
);
for (const workers of [2, 4])
  await compare(
    `${workers} workers, beside one`,
    { label: `${workers} workers`, rate: () => ours(workers) },
    { label: 'one', rate: () => ours(1) },
  );
await rig.stop();
