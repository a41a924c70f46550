/** `npm run long`: a verification beside clients that write, and the repair of what it finds, all as they are deployed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pMap from 'p-map';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { operator } from './operator.ts';
import {
  type Ask,
  app,
  type BothStores,
  bothStores,
  endStack,
  enter,
  eventually,
  SETTINGS,
} from './running.ts';

let local: Local;
let stores: BothStores;
let ask: Ask;
let runs: ReturnType<typeof operator>;

before(async () => {
  local = await startLocal({
    settings: SETTINGS,
    data: null,
    port: 0,
    containers: 2,
    rules: false,
    log: () => {},
  });
  stores = bothStores(local.logins);
  ask = await app(local.deployment.gateway);
  runs = operator(local);
  const change = { Name: '/crossfade/backfill-pace', Value: '100000', Overwrite: true };
  local.parameters.call('PutParameter', change, 'test');
  enter(local.parameters, 'expand', 60_000);
});
after(async () => {
  runs.stop();
  await endStack(local, stores);
});

const text = (body: string) => ({ content: documentFrom(Buffer.from(body), null) });
const keys = Array.from({ length: 300 }, (_, n) => `v-${String(n).padStart(3, '0')}`);

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
