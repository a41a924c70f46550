/** A request through the API's own code, from its event to its response, beside what the bare drivers take for the same bytes. */
import { fileURLToPath } from 'node:url';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LookupInSpec } from 'couchbase';
import oracledb from 'oracledb';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { Api } from '../../functions/edge/http/api.ts';
import { PhaseCache } from '../../functions/edge/phase_cache.ts';
import { receiptSender } from '../../functions/edge/queue.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { startChild } from '../../infra/local/servers/child.ts';
import { ACCOUNT, REGION } from '../../infra/local/template.ts';
import { testCluster } from '../stores/couchbase/cluster.ts';
import { testDatabase } from '../stores/oracle/database.ts';
import { createTable, RAW, SELECT, upsertRow } from './bare.ts';
import { compare, compareLatency, perSecond } from './rounds.ts';

const CALLS = 400;
const BODY = JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] });
const BYTES = Buffer.from(BODY);

const [cluster, database, queues] = await Promise.all([
  testCluster(),
  testDatabase({ size: 2 }),
  startChild('SQS', fileURLToPath(new URL('./queue.ts', import.meta.url)), {}),
]);
const sqs = new SQSClient({
  endpoint: `http://127.0.0.1:${queues.port}`,
  region: REGION,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});
const queueUrl = `http://127.0.0.1:${queues.port}/${ACCOUNT}/receipts`;
const configuration = parseConfiguration(
  {
    collections: { orders: { couchbase: cluster.keyspace, oracle: { table: 'ORDERS' } } },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 2,
  },
  'bench',
);

function apiIn(phase: Phase): Api {
  const value = JSON.stringify({ phase, since: 0, by: 'bench' });
  return new Api({
    router: new Router(
      () => ({ couchbase: cluster.store, oracle: database.store }),
      new Receipts(receiptSender(sqs, queueUrl, 60, console.error)),
      () => false,
    ),
    phases: new PhaseCache(
      async () =>
        new Map(Object.keys(configuration.collections).map((name) => [name, { value, version: 1 }])),
      { wall: Date.now, steady: () => performance.now() },
      { refresh: 5_000, lease: 30_000, retry: 1_000 },
      console.error,
    ),
    configuration,
    now: Date.now,
    told: { doubt: console.error, failed: console.error, refused: console.error },
  });
}

function request(api: Api, method: 'GET' | 'PUT', key: string) {
  const event = {
    ...{ version: '2.0', routeKey: `${method} /v1/collections/{collection}/documents/{key+}` },
    rawPath: `/v1/collections/orders/documents/${key}`,
    pathParameters: { collection: 'orders', key },
    requestContext: { requestId: 'bench', http: { method } },
    ...(method === 'PUT' ? { body: BODY } : {}),
  };
  return async () => {
    const { statusCode } = await api.serve(event, () => 20_000);
    if (statusCode >= 300) throw new Error(`${method} ${key}: ${statusCode}`);
  };
}

const bare = cluster.cluster
  .bucket(cluster.keyspace.bucket)
  .scope(cluster.keyspace.scope)
  .collection(cluster.keyspace.collection);
// A function takes its connections from a pool: they come and go while it lives.
const pool = await oracledb.createPool({ ...database.credentials, poolMin: 0, poolMax: 2 });
const pooled = async (act: (session: oracledb.Connection) => Promise<unknown>) => {
  const session = await pool.getConnection();
  await act(session);
  await session.close();
};
await pooled(createTable);

/** What the bare drivers do, a key each. */
const upsert = (key: string) => bare.upsert(key, BYTES, { transcoder: RAW });
const get = (key: string) => bare.get(key, { transcoder: RAW });
const lookup = (key: string) =>
  bare.lookupIn(key, [
    LookupInSpec.get('$document.exptime', { xattr: true }),
    LookupInSpec.get('crossfade', { xattr: true }),
    LookupInSpec.get(''),
  ]);
const row = (key: string) => pooled((session) => upsertRow(session, key, BYTES));
const select = (k: string) =>
  pooled((session) => session.execute(SELECT, { k }, { fetchInfo: { BODY: { type: oracledb.BUFFER } } }));
const receipt = (key: string) =>
  sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ key }), DelaySeconds: 60 }),
  );
type Act = (key: string) => Promise<unknown>;
const inTurn =
  (...acts: readonly Act[]): Act =>
  async (key) => {
    for (const act of acts) await act(key);
  };
const meanwhile =
  (act: Act, other: Act): Act =>
  (key) =>
    Promise.all([act(key), other(key)]);

/** @param aimed whether this is what the target is about; else it tells what of the difference is ours, and what the protocol's. */
const against = (method: 'GET' | 'PUT', phase: Phase, name: string, act: Act, aimed: boolean) => {
  const api = apiIn(phase);
  return compareLatency(
    `${method} in ${phase}, beside ${name}`,
    { label: 'API', act: (index) => request(api, method, `k-${index % CALLS}`)() },
    { label: 'bare', act: (index) => act(`b-${index % CALLS}`) },
    CALLS,
    aimed ? { atMost: ROUTES[phase].second === null ? 1.1 : 1.15 } : null,
  );
};

console.log(
  `${BODY.length} byte bodies, one request after the other, ${CALLS} of each in 5 rounds, milliseconds`,
);
await against('PUT', 'legacy', 'an upsert', upsert, true);
await against('GET', 'legacy', 'a get', get, true);
await against('GET', 'legacy', 'a lookup with expiry and attribute', lookup, false);
await against('PUT', 'expand', 'an upsert, then a row', inTurn(upsert, row), true);
await against('PUT', 'expand', 'the same and a receipt', meanwhile(inTurn(upsert, row), receipt), false);
await against('PUT', 'seal', 'an upsert, then a row', inTurn(upsert, row), true);
const sealed = meanwhile(inTurn(select, lookup, upsert, row), receipt);
await against('PUT', 'seal', 'the calls that it makes', sealed, false);
await against('GET', 'seal', 'a get, then a select', inTurn(get, select), true);
await against('PUT', 'settle', 'a row, then an upsert', inTurn(row, upsert), true);
const settled = meanwhile(inTurn(row, lookup, upsert), receipt);
await against('PUT', 'settle', 'the calls that it makes', settled, false);
await against('GET', 'contract', 'a select', select, true);
await against('PUT', 'contract', 'a row', row, true);

for (const concurrency of [1, 8, 32]) {
  const api = apiIn('legacy');
  await compare(
    `PUT in legacy, ${concurrency} at a time`,
    {
      label: 'API',
      rate: () => perSecond(CALLS * 2, concurrency, (index) => request(api, 'PUT', `k-${index % CALLS}`)()),
    },
    { label: 'bare', rate: () => perSecond(CALLS * 2, concurrency, (index) => upsert(`b-${index % CALLS}`)) },
  );
}

await pool.close(0);
sqs.destroy();
await Promise.all([cluster.stop(), database.stop(), queues.stop()]);
