/** By what a client tells one cluster from another at the same address. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type Cluster,
  type Collection,
  connect,
  DurabilityLevel,
  LookupInSpec,
  ServiceType,
} from 'couchbase';
import { type Running, startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';
import { answered } from './answered.ts';

let folder: string;
let server: Running;
let cluster: Cluster;
let collection: Collection;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
  server = await startCouchbase({
    users: { app: 'secret' },
    buckets: { shop: { sales: ['orders'] } },
    file: join(folder, 'couchbase.db'),
    replicas: 2,
  });
  cluster = await connected();
  collection = cluster.bucket('shop').scope('sales').collection('orders');
});
after(async () => {
  await cluster.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const connected = () => connect(server.connectionString, { username: 'app', password: 'secret' });

async function facts(key: string) {
  const { content, cas } = await collection.lookupIn(key, [LookupInSpec.get('$document', { xattr: true })]);
  return { ...content[0]?.value, cas: cas.toString() };
}

/** Where the cluster map says that HTTP is served. */
async function httpAddress(of: Cluster): Promise<string> {
  const { services } = await of.ping({ serviceTypes: [ServiceType.Query] });
  return services[ServiceType.Query]?.[0]?.remote ?? '';
}

/** What the management and the cluster map tell: of the cluster, of the bucket, and of the bucket once more. */
async function uuids(of: Cluster): Promise<string[]> {
  const authorization = `Basic ${Buffer.from('app:secret').toString('base64')}`;
  const read = async (path: string): Promise<Record<string, string>> =>
    (await (
      await fetch(`http://${await httpAddress(of)}${path}`, { headers: { authorization } })
    ).json()) as Record<string, string>;
  const [pools, map, settings] = await Promise.all(
    ['/pools', '/pools/default/b/shop', '/pools/default/buckets/shop'].map(read),
  );
  assert.equal(pools?.uuid, map?.clusterUUID);
  assert.equal(map?.uuid, settings?.uuid);
  return [pools?.uuid ?? '', map?.uuid ?? ''];
}

test('the driver reads how a bucket is set up', async () => {
  const { name, numReplicas, minimumDurabilityLevel } = await cluster.buckets().getBucket('shop');
  assert.deepEqual([name, numReplicas, minimumDurabilityLevel], ['shop', 2, DurabilityLevel.None]);
});

test('another cluster at the same address has other uuids, other numbers, and slightly older data', async () => {
  await collection.upsert('a', 'old');
  const [old, before] = [await facts('a'), await uuids(cluster)];
  for (const uuid of before) assert.match(uuid, /^[0-9a-f]{32}$/);
  await server.failOver({ disconnects: false });
  assert.deepEqual(await uuids(cluster), before, 'a failover changes the uuids of vbuckets only');
  await server.lagReplication();
  await collection.upsert('a', 'new');
  await collection.insert('b', 'new');
  await server.anotherCluster();
  const there = await answered(() => facts('a'));
  assert.equal((await collection.get('a')).content, 'old');
  assert.equal((await collection.exists('b')).exists, false);
  assert.deepEqual([there.cas, there.revid], [old.cas, old.revid]);
  assert.notEqual(there.vbucket_uuid, old.vbucket_uuid);
  assert.notEqual(there.seqno, old.seqno);
  const after = await uuids(cluster);
  for (const [i, uuid] of before.entries()) assert.notEqual(after[i], uuid);
  await collection.upsert('a', 'newer', { durabilityLevel: DurabilityLevel.Majority });
  await server.restart();
  const fresh = await connected();
  assert.deepEqual(await uuids(fresh), after, 'they are kept with the data');
  await fresh.close();
});
