/** A verification beside a bare scan of both stores, which compares nothing: by versions, and by contents. And one by the lists of both beside one that looks at each document. */
import oracledb from 'oracledb';
import pMap from 'p-map';
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import { portsToCopy } from '../../functions/backfill/ports.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import type { Mode } from '../../functions/records/run.ts';
import { compareShard } from '../../functions/verification/compare_shard.ts';
import { portsToCompare, portsToCompareVersions } from '../../functions/verification/ports.ts';
import { Rig } from '../runs/rig.ts';
import { makeVersionsIndex } from '../stores/couchbase/versions_index.ts';
import { listOf, pathOf } from './bare.ts';
import { BATCH, COUNT, fill } from './documents.ts';
import { compare } from './rounds.ts';

const LIMITS = { documents: BATCH, bytes: 4_000_000 };
const rig = await Rig.start({ concurrent: true, size: 8 });
const { cluster, database } = rig;
const keys = await fill(rig);
const list = listOf(pathOf(cluster.keyspace));
const copied = await rig.begin(shardsFrom(keys, 1));
const taken = await rig.take(copied, 0);
await copyShard(taken.row, portsToCopy(rig.both, taken.work), LIMITS);

async function ours(mode: Mode, lists = false): Promise<number> {
  const run = await rig.begin(shardsFrom(keys, 1), { kind: 'verify', options: { mode, repair: false } });
  const { row, work } = await rig.take(run, 0);
  const how = { phase: 'expand', mode, repair: false, most: 1000 } as const;
  const began = performance.now();
  const ports = lists
    ? await portsToCompareVersions(rig.both, work, 'expand')
    : portsToCompare(rig.both, work, 'expand', mode);
  await compareShard(row, ports, LIMITS, how);
  const rate = (COUNT * 1000) / (performance.now() - began);
  const [shard] = await rig.shards(run);
  if ((shard?.applied ?? 0) + (shard?.stale ?? 0) !== COUNT || lists !== (shard?.stale ?? 0) > 0)
    throw new Error('They should be equal');
  return rate;
}

/** What anybody would write: pages of keys, the documents of each, and the rows beside them. */
async function bare(bodies: boolean): Promise<number> {
  const session = await oracledb.getConnection(database.credentials);
  const text =
    `SELECT doc_key, version${bodies ? ', body' : ''} FROM ${database.table.name} WHERE doc_key > :after ` +
    'ORDER BY doc_key FETCH FIRST :most ROWS ONLY';
  const began = performance.now();
  for (let after = ''; ; ) {
    const { rows } = await cluster.cluster.query<string>(list, { parameters: { after, limit: BATCH } });
    if (rows.length === 0) break;
    await pMap(
      rows,
      async (key) => void (await (bodies ? cluster.collection.get(key) : cluster.collection.exists(key))),
      {
        concurrency: 32,
      },
    );
    await session.execute(
      text,
      { after: after === '' ? ' ' : after, most: BATCH },
      { fetchTypeHandler: bytes },
    );
    after = rows.at(-1) as string;
  }
  await session.close();
  return (COUNT * 1000) / (performance.now() - began);
}

function bytes({ dbType }: { dbType?: unknown }) {
  return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined;
}

for (const mode of ['version', 'content'] as const)
  await compare(
    `verification by ${mode}`,
    { label: 'ours', rate: () => ours(mode) },
    { label: 'bare scan', rate: () => bare(mode === 'content') },
    mode === 'version' ? { atLeast: 0.9 } : null,
    COUNT,
  );
await makeVersionsIndex(cluster);
await compare(
  'verification by version, with an index',
  { label: 'by lists', rate: () => ours('version', true) },
  { label: 'each looked at', rate: () => ours('version') },
  { atLeast: 2.5 },
  COUNT,
);
await rig.stop();
