/** A backfill as operators start it: the state machine, the messages, the workers, all as they are deployed. */
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
const logged: string[] = [];

before(async () => {
  const log = (source: string, line: string) => logged.push(`${source}: ${line}`);
  local = await startLocal({ settings: SETTINGS, data: null, port: 0, containers: 3, rules: false, log });
  stores = bothStores(local.logins);
  runs = operator(local);
  pace(100_000);
});
after(async () => {
  runs.stop();
  await endStack(local, stores);
});

/** Workers that wait are replaced, so that nobody goes on at the pace that was read before. */
function pace(rate: number): void {
  const change = { Name: '/crossfade/backfill-pace', Value: String(rate), Overwrite: true };
  local.parameters.call('PutParameter', change, 'test');
  worker().recycle();
}

const worker = () => local.deployment.entry('backfill');

/** How often a worker has taken a shard. */
const worked = () => logged.filter((line) => line.includes('ShardsTaken')).length;

const start = (input: object) => runs.start('CopyAll', input);
const ended = (execution: string) => runs.outcome(execution);

const keyOf = (prefix: string, n: number) => `${prefix}-${String(n).padStart(5, '0')}`;
async function fill(prefix: string, count: number, body = (n: number) => `{"n":${n}}`): Promise<void> {
  const one = (n: number) =>
    stores.couchbase.upsert(keyOf(prefix, n), { content: documentFrom(Buffer.from(body(n)), null) });
  await pMap(
    Array.from({ length: count }, (_, n) => n),
    one,
    { concurrency: 64 },
  );
}

async function same(prefix: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 7) {
    const { couchbase, oracle } = await stores.bodies(keyOf(prefix, n));
    assert.equal(oracle, couchbase, keyOf(prefix, n));
  }
}

test('before expand, and while it is young, nothing is copied, and the reason is told', async () => {
  const refused = await ended(await start({ collection: 'orders' }));
  assert.deepEqual([refused.status, refused.error], ['FAILED', 'RunRefused']);
  assert.match(refused.cause ?? '', /The phase is legacy: a backfill runs in expand/);
  enter(local.parameters, 'expand');
  const young = await ended(await start({ collection: 'orders' }));
  assert.match(young.cause ?? '', /expand for a moment only.*Try again in \d s/);
});

test('once expand is a bake old, a run copies everything and sums it up', async () => {
  enter(local.parameters, 'expand', 60_000);
  await fill('all', 1500);
  const { status, output } = await ended(await start({ collection: 'orders', prefix: 'all-', shards: 5 }));
  assert.equal(status, 'SUCCEEDED');
  const { outcome, shards, listed, applied, failed } = output;
  assert.deepEqual(
    [outcome, shards, listed, applied, failed],
    ['clean', { done: 5, open: 0 }, 1500, 1500, 0],
  );
  await same('all', 1500);
});

test('a dry run foretells, and copies nothing', async () => {
  await fill('dry', 100);
  const { output } = await ended(
    await start({ collection: 'orders', prefix: 'dry-', shards: 3, dryRun: true }),
  );
  assert.deepEqual(
    [output.forecast.documents, output.forecast.complete, output.forecast.shards],
    [100, true, 3],
  );
  assert.ok(output.forecast.bytes >= 700 && output.forecast.bytes <= 900, output.forecast.bytes);
  assert.equal((await stores.bodies(keyOf('dry', 1))).oracle, null);
});

test('a document that Oracle can never hold is set aside, and the run says so', async () => {
  await fill('unfit', 20, (n) => (n === 7 ? '{"total":"much"}' : '{"total":1}'));
  const { status, error, cause } = await ended(await start({ collection: 'orders', prefix: 'unfit-' }));
  assert.deepEqual([status, error], ['FAILED', 'NotAllCopied']);
  const summary = JSON.parse(cause ?? '{}');
  assert.deepEqual([summary.outcome, summary.applied, summary.failed], ['failures', 19, 1]);
  assert.ok(logged.some((line) => line.includes('DocumentsSetAside')));
});

test('a run that is not finished is gone on with as it was begun, or abandoned', async () => {
  await fill('half', 40);
  pace(0);
  const first = await start({ collection: 'orders', prefix: 'half-', shards: 2 });
  const before = worked();
  await eventually(worked, (times) => times > before);
  await runs.abort(first);
  assert.equal((await ended(first)).status, 'ABORTED');
  const { output: seen } = await ended(await start({ collection: 'orders', look: true }));
  assert.deepEqual([seen.progress.outcome, seen.progress.shards], ['unfinished', { done: 0, open: 2 }]);
  const other = await ended(await start({ collection: 'orders', prefix: 'half-', shards: 1 }));
  assert.match(other.cause ?? '', /is not finished, and was begun with another range, mode or mapping/);
  pace(100_000);
  const again = await ended(await start({ collection: 'orders', prefix: 'half-', shards: 2 }));
  assert.deepEqual([again.status, again.output?.applied], ['SUCCEEDED', 40]);
  const nothing = await ended(await start({ collection: 'orders', abandon: true }));
  assert.match(nothing.cause ?? '', /there is nothing to see, to go on with or to abandon/);
});

test('pace 0 pauses a run, another pace lets it go on, and a shard that was cut meanwhile is copied in its pieces', async () => {
  await fill('paused', 60);
  pace(0);
  const before = worked();
  const run = await start({ collection: 'orders', prefix: 'paused-', shards: 1 });
  await eventually(worked, (times) => times > before);
  assert.equal((await runs.describe(run)).status, 'RUNNING');
  assert.equal((await stores.bodies(keyOf('paused', 0))).oracle, null);
  // As a worker does whose shard has turned out too large.
  const { ledger } = stores;
  const id = (await ledger.unfinished('backfill', 'orders'))?.id ?? '';
  const taken = await ledger.take(id, 0, Date.now());
  assert.ok(taken !== null);
  await ledger.split(taken.hold, [keyOf('paused', 19), keyOf('paused', 39)], taken.row.upTo, Date.now());
  pace(100_000);
  const { status, output } = await ended(run);
  assert.deepEqual([status, output?.listed, output?.applied], ['SUCCEEDED', 60, 60]);
  assert.deepEqual(output?.shards, { done: 3, open: 0 });
  assert.deepEqual(
    await Promise.all([0, 1, 2].map(async (shard) => (await ledger.shard(id, shard))?.listed)),
    [20, 20, 20],
  );
});

test('bad input is refused with what is wrong', async () => {
  const cases = [
    [{ collection: 'none' }, /There is no collection "none": it is none of orders, carts/],
    [{ collection: 'orders', after: 'b', upTo: 'a' }, /the range is empty/],
    [{ collection: 'orders', prefix: 'a', after: 'b' }, /a prefix and a range/],
    [{ collection: 'orders', shards: 0 }, /wrong at shards/],
    [{ collections: ['orders'] }, /wrong at/],
  ] as const;
  for (const [input, message] of cases) {
    const { error, cause } = await ended(await start(input));
    assert.equal(error, 'RunRefused');
    assert.match(cause ?? '', message);
  }
});
