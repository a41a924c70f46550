/** A worker that hands a shard on, with the services that it tells replaced. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import type { Container } from '../../functions/edge/container.ts';
import { ShardWorker } from '../../functions/edge/shard_worker.ts';
import type { Run } from '../../functions/records/run.ts';
import { OperatorNeeded } from '../../functions/stores/failure.ts';
import config from '../shop.config.ts';

/** What Step Functions was told. */
const told: { operation: string; error?: string }[] = [];
const states = createServer(async (request, response) => {
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  told.push({ operation, ...JSON.parse(await text(request)) });
  response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
});
before(async () => {
  await once(states.listen(0), 'listening');
  const { port } = states.address() as AddressInfo;
  Object.assign(process.env, {
    ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'eu-central-1' },
    ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', POWERTOOLS_METRICS_DISABLED: 'true' },
  });
});
after(() => states.close());

const BODY = JSON.stringify({ run: 'r', collection: 'orders', shard: 0, token: 't' });
const TARGET = { store: 'couchbase', operation: 'identify', collection: 'orders', key: null } as const;
const ROW = { shard: 0, after: null, upTo: null, done: null, listed: 0 };

/**
 * Handles one message whose shard has more work than fits. @returns what was sent, and how often work was begun.
 * @param run of another kind than a backfill, behind another store.
 */
async function handled(messageAttributes: object, run?: Pick<Run, 'kind' | 'options'>) {
  const sent: SendMessageCommandInput[] = [];
  let acted = 0;
  const container = {
    ...{ logger: new Logger({ logLevel: 'SILENT' }), metrics: new Metrics({ namespace: 'Test' }) },
    ...{ configuration: config, pace: { rate: async () => 500 }, keepLetter: async () => {} },
    queues: { send: async ({ input }: { input: SendMessageCommandInput }) => void sent.push(input) },
    ...{ phases: { current: async () => ({ phase: 'expand', since: 0 }) }, now: Date.now },
    stores: {
      of: () => ({}),
      identity: { require: () => Promise.reject(new OperatorNeeded(TARGET, 'IDENTITY_CHANGED')) },
      ledger: {
        running: async () => ({ id: 'r', collection: 'orders', phase: 'expand', started: 1, ...run }),
        take: async () => ({ hold: { epoch: 1 }, row: ROW }),
        shards: async () => [],
      },
    },
  } as unknown as Container;
  const worker = new ShardWorker(
    container,
    { SHARDS_QUEUE: 'q', DEAD_LETTERS_QUEUE: 'd' },
    false,
    async ({ permit }) => {
      if (run !== undefined) await permit();
      acted++;
      return 'rest';
    },
  );
  const record = {
    ...{ messageId: 'm', body: BODY, eventSource: 'aws:sqs', messageAttributes },
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1000' },
  };
  const context = { getRemainingTimeInMillis: () => 300_000 } as Context;
  const answer = await worker.handler()({ Records: [record] }, context);
  return { sent, acted, answer };
}

test('a shard that is handed on tells how often, beside a body that the version before reads', async () => {
  const { sent, acted } = await handled({ hops: { stringValue: '7' }, born: { stringValue: '5' } });
  assert.equal(acted, 1);
  assert.deepEqual(
    sent.map(({ MessageBody, MessageAttributes }) => [JSON.parse(MessageBody ?? ''), MessageAttributes]),
    [
      [
        { ...JSON.parse(BODY), rested: true },
        {
          hops: { DataType: 'Number', StringValue: '8' },
          born: { DataType: 'Number', StringValue: '5' },
        },
      ],
    ],
  );
});

test('a shard that was handed on without end fails its task by a name, and is not handed on again', async () => {
  told.length = 0;
  const { sent, acted, answer } = await handled({ hops: { stringValue: '1000001' } });
  assert.deepEqual([sent, acted, answer], [[], 0, { batchItemFailures: [] }]);
  assert.deepEqual(
    told.map(({ operation, error }) => [operation, error]),
    [
      ['SendTaskHeartbeat', undefined],
      ['SendTaskFailure', 'MessageLoop'],
    ],
  );
});

test('a run that changes a store fails behind another store, and a verification that only compares goes on', async () => {
  for (const run of [
    { kind: 'backfill', options: {} },
    { kind: 'copyback', options: { back: 'changed' } },
    { kind: 'verify', options: { mode: 'content', repair: true } },
  ] as const) {
    told.length = 0;
    const { sent, acted } = await handled({}, run);
    assert.deepEqual([sent, acted], [[], 0], run.kind);
    assert.deepEqual(told.map(({ operation, error }) => [operation, error]).at(-1), [
      'SendTaskFailure',
      'OperatorNeeded',
    ]);
  }
  const { acted } = await handled({}, { kind: 'verify', options: { mode: 'content', repair: false } });
  assert.equal(acted, 1);
});
