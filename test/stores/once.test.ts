/** What a request and a batch of a backfill do with a document is done once for each, through the API, the router, the workers and both stores. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { Api } from '../../functions/edge/http/api.ts';
import { PhaseCache } from '../../functions/phases/phase_cache.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { Router } from '../../functions/routing/router.ts';
import type { Column } from '../../functions/stores/oracle/column.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { compare } from '../../functions/verification/compare.ts';
import { LIMITS, Rig } from '../runs/rig.ts';
import { stepsIn } from './calls.ts';
import { document } from './contract/subject.ts';

const COLUMNS: readonly Column[] = [
  { name: 'CUSTOMER', path: 'customer.name', type: { kind: 'text', bytes: 80 }, nullable: false },
  { name: 'TOTAL', path: 'total', type: { kind: 'number', precision: 20, scale: 2 }, nullable: false },
];
const bodyOf = (n: number) => `{"total":${n}.50,"customer":{"name":"Zo\u00eb"}}`;
const TIMING = { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 };

let rig: Rig;
before(async () => {
  rig = await Rig.start({ columns: COLUMNS });
});
after(() => rig.stop());

function apiIn(phase: Phase): Api {
  const { keyspace } = rig.cluster;
  const collections = { orders: { couchbase: keyspace, oracle: { table: 'ORDERS' } } };
  const stored = { value: JSON.stringify({ phase, since: 0, by: 'test' }), version: 1, changed: 0 };
  const ages = { refresh: 5_000, lease: 30_000, retry: 1_000, settling: 20_000 };
  const clock = { wall: Date.now, steady: () => performance.now() };
  return new Api({
    router: new Router(
      () => ({ couchbase: rig.cluster.store, oracle: rig.database.store }),
      new Receipts(async () => true),
      () => false,
    ),
    phases: new PhaseCache(async () => new Map([['orders', stored]]), clock, ages, console.error),
    configuration: parseConfiguration(
      { collections, timing: TIMING, connections: 2, grants: { kind: 'everything' } },
      'test',
    ),
    callers: null,
    now: Date.now,
    steady: () => performance.now(),
    told: {
      ...{ doubt: console.error, failed: console.error, refused: console.error },
      ...{ notGranted: console.error, unstorable: console.error },
    },
  });
}

async function ask(api: Api, method: 'GET' | 'PUT', key: string, body?: string): Promise<void> {
  const event = {
    ...{ version: '2.0', routeKey: `${method} /v1/collections/{collection}/documents`, body },
    rawPath: '/v1/collections/orders/documents',
    rawQueryString: `key=${encodeURIComponent(key)}`,
    pathParameters: { collection: 'orders' },
    requestContext: { requestId: 'r', http: { method } },
  };
  const { statusCode } = await api.serve(event, () => 20_000);
  assert.ok(statusCode < 300, `${method} ${key}: ${statusCode}`);
}

const NOT_COMPARED = { canonical: 0, hashed: 0 };

test('a PUT parses its body, checks it and cuts its columns once, in seal and in every other phase', async () => {
  for (const phase of ['legacy', 'expand', 'seal', 'switch', 'settle', 'contract'] as const) {
    const api = apiIn(phase);
    const steps = await stepsIn(() => ask(api, 'PUT', `new-${phase}`, bodyOf(1)));
    const cut = phase === 'legacy' ? 0 : 1;
    assert.deepEqual(steps, { parsed: 1, ...NOT_COMPARED, fit: 1, cut }, phase);
  }
});

test('in seal neither the document that a PUT replaces nor one that is read is parsed to see that both stores agree', async () => {
  const api = apiIn('seal');
  await ask(api, 'PUT', 'held', bodyOf(1));
  const put = await stepsIn(() => ask(api, 'PUT', 'held', bodyOf(2)));
  assert.deepEqual(put, { parsed: 1, ...NOT_COMPARED, fit: 1, cut: 1 });
  // Its response says whether it is JSON.
  const read = await stepsIn(() => ask(api, 'GET', 'held'));
  assert.deepEqual(read, { parsed: 1, ...NOT_COMPARED, fit: 0, cut: 0 });
});

test('what is spelt otherwise in the other store is parsed once on each side', async () => {
  const [key, api] = ['respelt', apiIn('seal')];
  await ask(api, 'PUT', key, bodyOf(1));
  const row = await rig.database.store.read(key);
  const to = { ...row, content: document(` ${bodyOf(1)}`) };
  assert.ok(await rig.database.store.swap(key, { from: row, to }));
  const steps = await stepsIn(() => ask(api, 'GET', key));
  assert.deepEqual(steps, { parsed: 2, canonical: 2, hashed: 2, fit: 0, cut: 0 });
});

test('a batch of a backfill parses, checks and cuts each of its documents once, new or not', async () => {
  const count = LIMITS.documents;
  for (let n = 0; n < count; n++)
    await rig.cluster.store.upsert(`shard-${n}`, { content: document(bodyOf(n)) });
  for (const what of ['all are new', 'all are there']) {
    const run = await rig.begin([{ after: 'shard-', upTo: 'shard.' }]);
    const steps = await stepsIn(() => rig.work(run, 0));
    assert.deepEqual(steps, { parsed: count, ...NOT_COMPARED, fit: count, cut: count }, what);
    const [row] = await rig.shards(run);
    assert.equal((row?.applied ?? 0) + (row?.stale ?? 0), count);
  }
});

test('a verification of contents parses each body of a difference once, and none of equal bytes', async () => {
  const seen = (body: string) => ({
    ...({ presence: 'live', version: 1n, expires: null, handoff: null, state: '1' } as const),
    body: Buffer.from(body),
  });
  const steps = (couchbase: string, oracle: string) =>
    stepsIn(async () => compare('expand', { couchbase: seen(couchbase), oracle: seen(oracle) }, 'content'));
  const none = { hashed: 0, fit: 0, cut: 0 };
  assert.deepEqual(await steps(bodyOf(1), bodyOf(2)), { parsed: 2, canonical: 2, ...none });
  assert.deepEqual(await steps(bodyOf(1), bodyOf(1)), { parsed: 0, canonical: 0, ...none });
});
