/** The copy of shards beside a bare loop of driver reads and executeMany, with batches of the same size; and 1 to 4 workers. */
import oracledb from 'oracledb';
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import { portsToCopy } from '../../functions/backfill/ports.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import { Rig } from '../runs/rig.ts';
import { BINDS, clear, createTable, INSERT, listOf, pathOf, upsertRow } from './bare.ts';
import { BATCH, body, COUNT, fill, readAll } from './documents.ts';
import { compare } from './rounds.ts';

const rig = await Rig.start({ concurrent: true, size: 8 });
const { cluster, database } = rig;
const keys = await fill(rig);
const list = listOf(pathOf(cluster.keyspace));

const session = await oracledb.getConnection(database.credentials);
const empty = () => clear(session, database.table.name);

async function copy(run: string, shard: number): Promise<void> {
  const { row, work } = await rig.take(run, shard);
  await copyShard(row, portsToCopy(rig.both, work), { documents: BATCH, bytes: 4_000_000 });
}

/** Documents a second, with so many workers on as many shards. */
async function ours(workers: number): Promise<number> {
  await empty();
  const run = await rig.begin(shardsFrom(keys, workers));
  const began = performance.now();
  await Promise.all((await rig.shards(run)).map(({ shard }) => copy(run, shard)));
  return (COUNT * 1000) / (performance.now() - began);
}

/** What anybody would write: list, get, insert. */
async function bare(): Promise<number> {
  await empty();
  const began = performance.now();
  for await (const read of readAll(rig))
    await session.executeMany(INSERT, read, { bindDefs: BINDS, autoCommit: true });
  return (COUNT * 1000) / (performance.now() - began);
}

/** What a team writes in an afternoon: list all, and bring over one after the other. */
async function script(): Promise<number> {
  await empty();
  const began = performance.now();
  const { rows } = await cluster.cluster.query<string>(list, { parameters: { after: '', limit: COUNT } });
  for (const k of rows) {
    const { content } = await cluster.collection.get(k);
    await upsertRow(session, k, Buffer.from(JSON.stringify(content)), {});
    await session.commit();
  }
  return (COUNT * 1000) / (performance.now() - began);
}

/** Its batched form: one after the other read, many written. */
async function batchedScript(): Promise<number> {
  await empty();
  const began = performance.now();
  const { rows } = await cluster.cluster.query<string>(list, { parameters: { after: '', limit: COUNT } });
  for (let at = 0; at < rows.length; at += BATCH) {
    const read: { k: string; body: Buffer }[] = [];
    for (const k of rows.slice(at, at + BATCH))
      read.push({ k, body: Buffer.from(JSON.stringify((await cluster.collection.get(k)).content)) });
    await session.executeMany(INSERT, read, { bindDefs: BINDS, autoCommit: true });
  }
  return (COUNT * 1000) / (performance.now() - began);
}

await createTable(session);
console.log(
  `${COUNT} documents of ${body(1).length} bytes, batches of ${BATCH}, documents a second, median of 5 rounds`,
);
await compare(
  'one worker',
  { label: 'backfill', rate: () => ours(1) },
  { label: 'bare loop', rate: bare },
  { atLeast: 0.9 },
  COUNT,
);
await compare(
  'beside a script, row by row',
  { label: 'backfill', rate: () => ours(1) },
  { label: 'script', rate: script },
  { atLeast: 5 },
);
await compare(
  'beside its batched form',
  { label: 'backfill', rate: () => ours(1) },
  { label: 'script', rate: batchedScript },
);
for (const workers of [2, 4])
  await compare(
    `${workers} workers, beside one`,
    { label: `${workers} workers`, rate: () => ours(workers) },
    { label: 'one', rate: () => ours(1) },
  );
await session.close();
await rig.stop();
