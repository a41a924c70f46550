/** The API's own code over embedded stores and a queue, and the bare drivers beside it. */
import { fileURLToPath } from 'node:url';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LookupInSpec } from 'couchbase';
import oracledb from 'oracledb';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { Api } from '../../functions/edge/http/api.ts';
import { receiptSender } from '../../functions/edge/queue.ts';
import { PhaseCache } from '../../functions/phases/phase_cache.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { startChild } from '../../infra/local/servers/child.ts';
import { ACCOUNT, REGION } from '../../infra/local/template.ts';
import { testCluster } from '../stores/couchbase/cluster.ts';
import { testDatabase } from '../stores/oracle/database.ts';
import { createTable, RAW, SELECT, upsertRow } from './bare.ts';

const BODY = JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] });
export const BYTES = Buffer.from(BODY);

export const [cluster, database, queues] = await Promise.all([
  testCluster(),
  testDatabase({ size: 2 }),
  startChild('SQS', fileURLToPath(new URL('./queue.ts', import.meta.url)), {}),
]);
const sqs = new SQSClient({
  endpoint: `http://127.0.0.1:${queues.port}`,
  region: REGION,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});
/** Requests to SQS so far. */
export const asked = { sqs: 0 };
sqs.middlewareStack.add(
  (next) => (args) => {
    asked.sqs++;
    return next(args);
  },
  { step: 'initialize' },
);
const queueUrl = `http://127.0.0.1:${queues.port}/${ACCOUNT}/receipts`;
const configuration = parseConfiguration(
  {
    collections: { orders: { couchbase: cluster.keyspace, oracle: { table: 'ORDERS' } } },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 2,
    grants: { kind: 'everything' },
  },
  'bench',
);

export function apiIn(phase: Phase): Api {
  const value = JSON.stringify({ phase, since: 0, by: 'bench' });
  return new Api({
    router: new Router(
      () => ({ couchbase: cluster.store, oracle: database.store }),
      new Receipts(receiptSender(sqs, queueUrl, 60, console.error)),
      () => false,
    ),
    phases: new PhaseCache(
      async () =>
        new Map(
          Object.keys(configuration.collections).map((name) => [name, { value, version: 1, changed: 0 }]),
        ),
      { wall: Date.now, steady: () => performance.now() },
      { refresh: 5_000, lease: 30_000, retry: 1_000, settling: 20_000 },
      console.error,
    ),
    configuration,
    callers: null,
    now: Date.now,
    steady: () => performance.now(),
    told: {
      ...{ doubt: console.error, failed: console.error, refused: console.error },
      ...{ notGranted: console.error, unstorable: console.error },
    },
  });
}

/** One request, as an act: throws where it is not answered as it should be. */
export function request(api: Api, method: 'GET' | 'PUT', key: string) {
  const event = {
    ...{ version: '2.0', routeKey: `${method} /v1/collections/{collection}/documents` },
    rawPath: '/v1/collections/orders/documents',
    rawQueryString: `key=${encodeURIComponent(key)}`,
    pathParameters: { collection: 'orders' },
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
export const upsert = (key: string) => bare.upsert(key, BYTES, { transcoder: RAW });
export const get = (key: string) => bare.get(key, { transcoder: RAW });
export const lookup = (key: string) =>
  bare.lookupIn(key, [
    LookupInSpec.get('$document.exptime', { xattr: true }),
    LookupInSpec.get('crossfade', { xattr: true }),
    LookupInSpec.get(''),
  ]);
export const row = (key: string) => pooled((session) => upsertRow(session, key, BYTES));
export const select = (k: string) =>
  pooled((session) => session.execute(SELECT, { k }, { fetchInfo: { BODY: { type: oracledb.BUFFER } } }));
export const receipt = (key: string) =>
  sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ key }), DelaySeconds: 60 }),
  );
export type Act = (key: string) => Promise<unknown>;
export const inTurn =
  (...acts: readonly Act[]): Act =>
  async (key) => {
    for (const act of acts) await act(key);
  };
export const meanwhile =
  (act: Act, other: Act): Act =>
  (key) =>
    Promise.all([act(key), other(key)]);

export async function stop(): Promise<void> {
  await pool.close(0);
  sqs.destroy();
  await Promise.all([cluster.stop(), database.stop(), queues.stop()]);
}
