import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { MutationState, RangeScan } from 'couchbase';
import { contains, shardsFrom } from '../../../functions/protocol/shard.ts';
import { sampleKeys } from '../../../functions/stores/couchbase/scan.ts';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { type TestCluster, testCluster } from './cluster.ts';

let cluster: TestCluster;
const TIMEOUT = 20_000;

before(async () => {
  cluster = await testCluster();
});
after(() => cluster.stop());

/** Documents under a prefix of their own, and the state of the cluster that holds them all. */
async function written(names: readonly string[]): Promise<{ keys: string[]; state: MutationState }> {
  const prefix = randomUUID();
  const keys = names.map((name) => `${prefix}-${name}`);
  // Of each vbucket the driver keeps the first token that it is given, and not the newest.
  const results = await Promise.all(keys.map((key) => cluster.collection.upsert(key, { key })));
  const state = new MutationState(...results.reverse().flatMap(({ token }) => token ?? []));
  return { keys, state };
}

test('a sample of keys is of the size asked for, repeatable, and cuts the keys into shards of like size', async () => {
  const { keys, state } = await written(Array.from({ length: 2000 }, (_, n) => `${n}`));
  // A scan sees what is on disk, which lags behind what was acknowledged.
  await cluster.collection.scan(new RangeScan(), { idsOnly: true, consistentWith: state, timeout: TIMEOUT });
  const sample = (seed: number) =>
    sampleKeys(cluster.connection, cluster.keyspace, 400, seed, { timeout: TIMEOUT });
  const sampled = await sample(7);
  assert.equal(sampled.length, 400);
  assert.equal(new Set(sampled).size, 400);
  assert.deepEqual(new Set(await sample(7)), new Set(sampled));
  // Other tests have keys here too, all of them on one side of ours.
  const own = sampled.filter((key) => keys.includes(key));
  assert.ok(own.length > 300, `${own.length} of the sample are of this test`);
  const sizes = shardsFrom(own, 4).map((shard) => keys.filter((key) => contains(shard, key)).length);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    keys.length,
  );
  // A quarter of 2,000, give or take 6 standard deviations of a quantile of 300.
  for (const size of sizes) assert.ok(size > 200 && size < 800, `shards of ${sizes}`);
});

test('a scan of a collection that is not there calls for an operator', async () => {
  const nowhere = { ...cluster.keyspace, collection: 'nowhere' };
  await assert.rejects(sampleKeys(cluster.connection, nowhere, 1, 1, { timeout: 3000 }), OperatorNeeded);
});
