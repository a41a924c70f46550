/** Scans of a range of keys by the driver. The product itself only takes samples. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MutationState, RangeScan, ScanTerm } from 'couchbase';
import { type TestCluster, testCluster } from '../../stores/couchbase/cluster.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await testCluster();
});
after(() => cluster.stop());

test('a range has the keys between its bounds, and a bound where it says so', async () => {
  const written = await Promise.all(['1', '2', '3', '4'].map((key) => cluster.collection.upsert(key, {})));
  const consistentWith = new MutationState(...written.flatMap(({ token }) => token ?? []));
  const scan = async (low: ScanTerm, high: ScanTerm) => {
    const options = { idsOnly: true, consistentWith, timeout: 20_000 };
    const found = await cluster.collection.scan(new RangeScan(low, high), options);
    return found.map(({ id }) => id).sort();
  };
  assert.deepEqual(await scan(new ScanTerm('1', true), new ScanTerm('3')), ['2', '3']);
  assert.deepEqual(await scan(new ScanTerm('1'), new ScanTerm('3', true)), ['1', '2']);
  assert.deepEqual(await scan(new ScanTerm('5'), new ScanTerm('6')), []);
});
