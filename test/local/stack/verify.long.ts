/** `npm run long`: a verification beside clients that write, and the repair of what it finds, all as they are deployed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pMap from 'p-map';
import { eventually } from './running.ts';
import { ask, keys, runs, stores, text, verifiable } from './verifying.ts';

verifiable();

test('what differs is told with its kind and counted, under live writes, and a repair makes it equal', async () => {
  await pMap(keys, (key) => stores.couchbase.upsert(key, text('{"n":1}')), { concurrency: 32 });
  assert.equal((await runs.ended('CopyAll', { collection: 'orders', prefix: 'v-' })).status, 'SUCCEEDED');
  const clean = await runs.ended('VerifyAll', { collection: 'orders', prefix: 'v-', shards: 3 });
  assert.deepEqual(
    [clean.status, clean.output.verified.mode, clean.output.listed],
    ['SUCCEEDED', 'content', 300],
  );

  await stores.couchbase.upsert('v-010', text('{"n":2}'));
  await stores.couchbase.remove('v-020');
  await stores.oracle.apply('v-extra', { ...text('{}'), version: 3n });
  const running = runs.ended('VerifyAll', { collection: 'orders', prefix: 'v-', shards: 3, repair: true });
  // Two clients that write all the time, whose documents are equal whenever they rest.
  let [writing, written] = [true, 0];
  const writer = async (key: string) => {
    while (writing) if ((await ask('PUT', key, `${written}`)).status === 204) written++;
  };
  const writers = [writer('v-100'), writer('v-200')];
  const found = await running;
  writing = false;
  await Promise.all(writers);
  assert.ok(written > 10);
  assert.deepEqual([found.status, found.error], ['FAILED', 'NotEqual']);
  const { verified, outcome } = JSON.parse(found.cause ?? '{}');
  assert.equal(outcome, 'failures');
  assert.deepEqual(verified.differences, { extra: 2, stale: 1 });
  const samples = verified.samples.map(({ key, kind }: { key: string; kind: string }) => [key, kind]);
  assert.deepEqual(samples.sort(), [
    ['v-010', 'stale'],
    ['v-020', 'extra'],
    ['v-extra', 'extra'],
  ]);

  // The receipts of the repair are handled a bake later.
  for (const [key, body] of [
    ['v-010', '{"n":2}'],
    ['v-020', null],
    ['v-extra', null],
  ] as const)
    await eventually(
      () => stores.bodies(key),
      ({ couchbase, oracle }) => couchbase === body && oracle === body,
    );
  const again = await runs.ended('VerifyAll', { collection: 'orders', prefix: 'v-' });
  assert.equal(again.status, 'SUCCEEDED', again.cause);
});
