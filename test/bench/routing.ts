/** A request through the API's own code, from its event to its response, beside what the bare drivers take for the same bytes. */
import { SQSClient } from '@aws-sdk/client-sqs';
import oracledb from 'oracledb';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { Api } from '../../functions/edge/http/api.ts';
import { PhaseCache } from '../../functions/edge/phase_cache.ts';
import { receiptSender } from '../../functions/edge/queue.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
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
  Queues.start(null),
]);
await queues.create('receipts', {});
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
const session = await oracledb.getConnection(database.credentials);
await createTable(session);
const putRow = (k: string) => upsertRow(session, k, BYTES);
const fetchRow = (k: string) =>
  session.execute(SELECT, { k }, { fetchInfo: { BODY: { type: oracledb.BUFFER } } });

const against = (
  name: string,
  phase: Phase,
  method: 'GET' | 'PUT',
  act: (key: string) => Promise<unknown>,
) => {
  const api = apiIn(phase);
  return compareLatency(
    `${method} in ${phase}, beside ${name}`,
    { label: 'API', act: (index) => request(api, method, `k-${index % CALLS}`)() },
    { label: 'bare', act: (index) => act(`b-${index % CALLS}`) },
    CALLS,
    { atMost: ROUTES[phase].second === null ? 1.1 : 1.15 },
  );
};

console.log(
  `${BODY.length} byte bodies, one request after the other, ${CALLS} of each in 5 rounds, milliseconds`,
);
const upsert = (key: string) => bare.upsert(key, BYTES, { transcoder: RAW });
const both = async (key: string) => {
  await upsert(key);
  await putRow(key);
};
await against('an upsert', 'legacy', 'PUT', upsert);
await against('a get', 'legacy', 'GET', (key) => bare.get(key, { transcoder: RAW }));
await against('an upsert, then a row', 'expand', 'PUT', both);
await against('an upsert, then a row', 'seal', 'PUT', both);
await against('a get', 'seal', 'GET', (key) => bare.get(key, { transcoder: RAW }));
await against('a row, then an upsert', 'settle', 'PUT', both);
await against('a select', 'contract', 'GET', fetchRow);
await against('a row', 'contract', 'PUT', putRow);

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

await session.close();
sqs.destroy();
await Promise.all([cluster.stop(), database.stop(), queues.stop()]);
