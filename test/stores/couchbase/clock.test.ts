/** A clock of Couchbase that is behind or ahead is seen in the CAS of the mutations that are made anyway. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { clockWatch, instantOf, skewOf } from '../../../functions/stores/couchbase/clock.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { MAJORITY } from '../../../functions/stores/durability.ts';
import type { Made } from '../../../functions/stores/witness.ts';
import { type TestCluster, testCluster } from './cluster.ts';

const skip = process.env.COUCHBASE_URL !== undefined && 'a cluster of your own takes no orders';
const CONTENT = documentFrom(Buffer.from('1'), null);
const HOUR = 3_600_000;

let cluster: TestCluster;
let told: [string, number][] = [];
let store: CouchbaseStore;
before(async () => {
  cluster = await testCluster();
  const tell = (metric: string, seconds: number) => told.push([metric, seconds]);
  const made = clockWatch({ tell, steady: () => performance.now() });
  const witness = { now: () => instantOf(Date.now(), Date.now()), made, looked: () => {} };
  store = new CouchbaseStore(cluster.connection, cluster.keyspace, 10_000, { ...MAJORITY, witness });
});
afterEach(async () => {
  told = [];
  await cluster.server?.calm();
});
after(() => cluster.stop());

test('a node whose clock is right tells nothing, whichever mutation is made', { skip }, async () => {
  const key = randomUUID();
  const cas = await store.upsert(key, { content: CONTENT });
  const next = await store.swap(key, { cas, content: CONTENT, version: null });
  assert.ok(next !== null);
  const marked = await store.swap(key, { cas: next, content: null, version: next + 5n });
  await store.erase(key, { cas: marked ?? 0n });
  assert.equal(await store.remove(key), null);
  assert.deepEqual(told, []);
});

test('after a failover to a node whose clock is behind, the next mutation tells by how much', {
  skip,
}, async () => {
  await cluster.server?.failOver({ clock: -HOUR, disconnects: false });
  await cluster.server?.nodesBack();
  // A partition that has seen a later CAS gives out one above it: three keys are not all in one of those.
  for (let n = 0; n < 3; n++) await store.upsert(randomUUID(), { content: CONTENT });
  const [[metric, seconds] = ['', 0]] = told;
  assert.equal(metric, 'CouchbaseClockBehind');
  assert.ok(seconds > 3590 && seconds < 3700, `${seconds}`);
});

test('so it is with a clock that is ahead', { skip }, async () => {
  await cluster.server?.jump(HOUR);
  await store.upsert(randomUUID(), { content: CONTENT });
  assert.equal(told[0]?.[0], 'CouchbaseClockAhead');
});

const at = (time: number) => ({ earliest: time, latest: time });
const mutation = (made: number, began = 100_000, ended = 101_000): Made => ({
  ...{ cas: BigInt(made) * 1_000_000n, began: at(began), ended: at(ended), partition: null },
});

test('the time of the call itself, and a clock of the container that is off, are no skew', () => {
  assert.deepEqual(skewOf(mutation(94_000)), { CouchbaseClockBehind: 6, CouchbaseClockAhead: -7 });
  assert.deepEqual(skewOf(mutation(100_500)), { CouchbaseClockBehind: -0.5, CouchbaseClockAhead: -0.5 });
  const off = { ...mutation(100_500), began: instantOf(500_000, 100_000), ended: instantOf(10, 101_000) };
  assert.deepEqual(skewOf(off), { CouchbaseClockBehind: -0.5, CouchbaseClockAhead: -0.5 });
});

test('the same skew is told once in a while, a greater one at once', () => {
  let steady = 0;
  const seen: number[] = [];
  const made = clockWatch({ tell: (_, seconds) => seen.push(seconds), steady: () => steady });
  for (const behind of [99_500, 94_000, 94_000, 93_000, 94_000]) made(mutation(behind));
  steady = 10_000;
  made(mutation(94_000));
  assert.deepEqual(seen, [6, 7, 6]);
});
