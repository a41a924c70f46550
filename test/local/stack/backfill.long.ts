/** `npm run long`: a backfill whose workers are killed, all as it is deployed. Their messages are seen again only once those are visible again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pMap from 'p-map';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { operator } from './operator.ts';
import { type BothStores, bothStores, endStack, enter, eventually, SETTINGS } from './running.ts';

let local: Local;
let stores: BothStores;
let runs: ReturnType<typeof operator>;

before(async () => {
  const given = { settings: SETTINGS, data: null, port: 0, containers: 3, rules: false };
  local = await startLocal({ ...given, log: () => {} });
  stores = bothStores(local.logins);
  runs = operator(local);
  enter(local.parameters, 'expand', 60_000);
});
after(async () => {
  runs.stop();
  await endStack(local, stores);
});

function pace(rate: number): void {
  const change = { Name: '/crossfade/backfill-pace', Value: String(rate), Overwrite: true };
  local.parameters.call('PutParameter', change, 'test');
  local.deployment.entry('backfill').recycle();
}

const keys = Array.from({ length: 3000 }, (_, n) => `killed-${String(n).padStart(5, '0')}`);

test('workers that are killed are followed, and the run ends with every document once', async () => {
  const content = documentFrom(Buffer.from('{"total":1}'), null);
  await pMap(keys, (key) => stores.couchbase.upsert(key, { content }), { concurrency: 64 });
  pace(1500);
  const run = await runs.start('CopyAll', { collection: 'orders', prefix: 'killed-', shards: 3 });
  await eventually(
    () => stores.bodies(keys[100] ?? ''),
    ({ oracle }) => oracle !== null,
  );
  local.deployment.entry('backfill').kill();
  pace(100_000);
  const { status, output } = await runs.outcome(run);
  assert.deepEqual([status, output?.listed, output?.applied], ['SUCCEEDED', 3000, 3000]);
  for (const key of keys) {
    const { couchbase, oracle } = await stores.bodies(key);
    assert.equal(oracle, couchbase, key);
  }
});
