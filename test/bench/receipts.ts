/**
 * Receipts of documents that both stores hold alike, as one container settles them: in large batches, beside batches of ten as they were
 * before, and beside bare reads of both stores that compare nothing.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { LookupInSpec } from 'couchbase';
import oracledb from 'oracledb';
import pMap from 'p-map';
import type { Container } from '../../functions/edge/container.ts';
import { receiptText } from '../../functions/edge/queue.ts';
import { receiptWorker } from '../../functions/edge/receipt_worker.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { OncePerInvocation } from '../../functions/reconciliation/once.ts';
import { Rig } from '../runs/rig.ts';
import config from '../shop.config.ts';
import { body, COUNT, fill } from './documents.ts';
import { compare } from './rounds.ts';

process.env.POWERTOOLS_METRICS_DISABLED = 'true';
const silent = () => {};
const SILENT = { debug: silent, error: silent, info: silent, warn: silent };
const [LARGE, SMALL, PART] = [1000, 10, 256];
/** Of one container, as the settings have it. */
const { connections } = config;

const rig = await Rig.start({ concurrent: true, size: connections });
const { cluster, database } = rig;
const keys = await fill(rig);
const records = keys.map((key, n) => ({
  ...{ messageId: `m${n}`, receiptHandle: `h${n}`, eventSource: 'aws:sqs', messageAttributes: {} },
  body: receiptText({ collection: 'orders', key, phase: 'expand', cause: 'write', expired: 0n }),
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
}));
const container = {
  ...{
    logger: new Logger({ logLevel: 'ERROR' }),
    metrics: new Metrics({ namespace: 'Bench', logger: SILENT }),
  },
  ...{ configuration: config, failovers: { rest: () => null }, keys: { shown: (key: string) => key } },
  sendReceipt: async () => true,
  phases: { current: async () => ({ phase: 'expand', since: 0, by: 'bench' }) },
  stores: { of: () => rig.both, identity: { require: async () => {} } },
} as unknown as Container;
const handler = receiptWorker(
  container,
  { RECEIPTS_QUEUE: 'receipts', DEAD_LETTERS_QUEUE: 'dead' },
  { breaker: newBreaker(), once: new OncePerInvocation() },
);

/** @returns receipts a second, in invocations of so many. */
async function settled(batch: number): Promise<number> {
  const began = performance.now();
  for (let at = 0; at < COUNT; at += batch) {
    const context = { getRemainingTimeInMillis: () => 20_000 } as Context;
    const { batchItemFailures } = await handler({ Records: records.slice(at, at + batch) }, context);
    if (batchItemFailures.length > 0) throw new Error('All of them should be settled');
  }
  return (COUNT * 1000) / (performance.now() - began);
}

const SPECS = [
  LookupInSpec.exists('crossfade', { xattr: true }),
  LookupInSpec.get('$document.exptime', { xattr: true }),
  LookupInSpec.get(''),
];

/** What anybody would write: the rows of a list of keys, and the documents beside them. */
async function bare(): Promise<number> {
  const session = await oracledb.getConnection(database.credentials);
  const names = Array.from({ length: PART }, (_, n) => `:${n + 1}`).join(', ');
  const text = `SELECT doc_key, version, kind, expires, body FROM ${database.table.name} WHERE doc_key IN (${names})`;
  const rows = (part: readonly string[]) =>
    session.execute(
      text,
      Array.from({ length: PART }, (_, n) => part[n] ?? null),
      {
        fetchInfo: { BODY: { type: oracledb.BUFFER } },
      },
    );
  const began = performance.now();
  let reading = rows(keys.slice(0, PART));
  for (let at = 0; at < COUNT; at += PART) {
    await reading;
    if (at + PART < COUNT) reading = rows(keys.slice(at + PART, at + 2 * PART));
    await pMap(keys.slice(at, at + PART), (key) => cluster.collection.lookupIn(key, SPECS), {
      concurrency: 16,
    });
  }
  const rate = (COUNT * 1000) / (performance.now() - began);
  await session.close();
  return rate;
}

console.log(`${COUNT} receipts of documents of ${body(1).length} bytes, ${connections} sessions in Oracle`);
await settled(SMALL);
const large = { label: `by ${LARGE}`, rate: () => settled(LARGE) };
await compare(
  'receipts, both stores equal',
  large,
  { label: `by ${SMALL}`, rate: () => settled(SMALL) },
  { atLeast: 4 },
  COUNT,
);
await compare('the same', large, { label: 'bare bulk reads', rate: bare }, null, COUNT);
await rig.stop();
