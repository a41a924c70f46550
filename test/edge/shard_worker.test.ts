/** A function that works on shards, with the services that it reaches replaced: what its messages say. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import type { Container } from '../../functions/edge/container.ts';
import { KeyNames } from '../../functions/edge/key_names.ts';
import { shardWorker } from '../../functions/edge/shard_worker.ts';
import { poison } from '../../functions/records/finding.ts';
import type { Job } from '../../functions/runs/shard_worker.ts';
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
beforeEach(() => {
  told.length = 0;
});
after(() => {
  states.closeAllConnections();
  states.close();
});

const BODY = JSON.stringify({ run: 'r', collection: 'orders', shard: 0, token: 't' });
const ROW = { shard: 0, after: null, upTo: null, done: null, listed: 0 };

/** Handles one message. @returns what was sent, which letters were written, and how often work was begun. */
async function handled({ messageAttributes = {}, body = BODY, act = async (_: Job) => {}, deliveries = 1 }) {
  const sent: SendMessageCommandInput[] = [];
  const kept: unknown[] = [];
  const letters: unknown[][] = [];
  let acted = 0;
  const container = {
    ...{ logger: new Logger({ logLevel: 'SILENT' }), metrics: new Metrics({ namespace: 'Test' }) },
    keys: new KeyNames(null, () => 0),
    ...{
      configuration: config,
      pace: { rate: async () => 500, wait: async () => true },
      load: { share: async () => 1 },
      now: Date.now,
    },
    keepLetter: async (...letter: unknown[]) => void letters.push(letter),
    failovers: { rest: () => null },
    queues: {
      send: async ({
        input,
      }: {
        input: SendMessageCommandInput & { Entries?: { VisibilityTimeout: number }[] };
      }) => {
        if (input.Entries === undefined) sent.push(input);
        else kept.push(...input.Entries.map(({ VisibilityTimeout }) => VisibilityTimeout));
      },
    },
    phases: { current: async () => ({ phase: 'expand', since: 0 }) },
    stores: {
      of: () => ({}),
      identity: { require: async () => {} },
      attempts: { begin: async () => null },
      leftOut: { state: async () => null },
      ledger: {
        running: async () => ({
          id: 'r',
          kind: 'backfill',
          collection: 'orders',
          phase: 'expand',
          started: 1,
        }),
        take: async () => ({ hold: { epoch: 1 }, row: ROW }),
        shard: async () => null,
      },
    },
  } as unknown as Container;
  const queues = { SHARDS_QUEUE: 'q', DEAD_LETTERS_QUEUE: 'd' };
  const handler = shardWorker(container, queues, false, async (job) => {
    acted++;
    await act(job);
    return 'rest';
  });
  const record = {
    ...{ messageId: 'm', receiptHandle: 'h', body, eventSource: 'aws:sqs', messageAttributes },
    attributes: { ApproximateReceiveCount: String(deliveries), SentTimestamp: '1000' },
  };
  const context = { getRemainingTimeInMillis: () => 300_000 } as Context;
  const answer = await handler({ Records: [record] }, context);
  return { sent, kept, letters, acted, answer };
}

test('a shard that is handed on tells how often, beside a body that the version before reads', async () => {
  const { sent, acted } = await handled({
    messageAttributes: { hops: { stringValue: '7' }, born: { stringValue: '5' } },
  });
  assert.equal(acted, 1);
  assert.deepEqual(
    sent.map(({ MessageBody, DelaySeconds, MessageAttributes }) => [
      JSON.parse(MessageBody ?? ''),
      DelaySeconds,
      MessageAttributes,
    ]),
    [
      [
        { ...JSON.parse(BODY), rested: true },
        1,
        {
          hops: { DataType: 'Number', StringValue: '8' },
          born: { DataType: 'Number', StringValue: '5' },
        },
      ],
    ],
  );
});

test('a lane is told from a task of the version before by an attribute, which is handed on with it', async () => {
  const lane = { lane: { stringValue: '1' } };
  const { sent } = await handled({ messageAttributes: lane });
  assert.deepEqual(sent[0]?.MessageAttributes?.lane, { DataType: 'Number', StringValue: '1' });
  // One that has worked on something begins another chain.
  const { sent: fresh } = await handled({
    messageAttributes: { ...lane, hops: { stringValue: '9999' }, born: { stringValue: '5' } },
    act: async ({ turn }) => void (await turn(1)),
  });
  const { hops, born } = fresh[0]?.MessageAttributes ?? {};
  assert.equal(hops?.StringValue, '1');
  assert.ok(Math.abs(Date.now() - Number(born?.StringValue)) < 60_000);
});

test('a worker keeps its message from others for as long as it may be silent, and one that has failed the longer the more often', async () => {
  const { kept } = await handled({});
  assert.deepEqual(kept, [25]);
  const act = () => Promise.reject(new Error('who knows'));
  const failed = async (deliveries: number) => (await handled({ act, deliveries })).kept.slice(1);
  assert.deepEqual(
    [await failed(1), await failed(2), await failed(3), await failed(4)],
    [[25], [100], [400], [900]],
  );
});

test('a shard that was handed on without end fails its task by a name, and is not handed on again', async () => {
  const { sent, acted, answer } = await handled({ messageAttributes: { hops: { stringValue: '1000001' } } });
  assert.deepEqual([sent, acted, answer], [[], 0, { batchItemFailures: [] }]);
  assert.deepEqual(
    told.map(({ operation, error }) => [operation, error]),
    [
      ['SendTaskHeartbeat', undefined],
      ['SendTaskFailure', 'MessageLoop'],
    ],
  );
});

test('a message that names no shard is set aside with its reason, and is not delivered again', async () => {
  const { sent, letters, acted, answer } = await handled({ body: '{"run":"r"}' });
  assert.deepEqual([acted, answer, told], [0, { batchItemFailures: [] }, []]);
  assert.deepEqual(
    sent.map(({ QueueUrl, MessageBody }) => [QueueUrl, MessageBody]),
    [['d', '{"run":"r"}']],
  );
  assert.match(String(letters[0]?.[1]), /^The message names no shard: /);
});

test('a shard whose work fails is delivered again', async () => {
  const act = () => Promise.reject(new Error('who knows'));
  const { sent, answer } = await handled({ act });
  assert.deepEqual([sent, answer], [[], { batchItemFailures: [{ itemIdentifier: 'm' }] }]);
});

test('a document that is set aside is a receipt in the queue of dead letters, and a letter after its batch', async () => {
  const { sent, letters } = await handled({
    act: async ({ turn, setAside }) => {
      const granted = await turn(1);
      await setAside(poison('k', 'it is too large'));
      await granted?.over();
    },
  });
  const receipt = '{"collection":"orders","key":"k","phase":"expand","cause":"run","expired":"0"}';
  const [dead] = sent;
  assert.deepEqual([dead?.QueueUrl, dead?.MessageBody], ['d', receipt]);
  assert.equal(dead?.MessageAttributes?.reason?.StringValue, 'r, shard 0: it is too large');
  const [[body, reason, at] = []] = letters;
  assert.deepEqual([body, reason], [receipt, 'r, shard 0: it is too large']);
  assert.ok(Math.abs(Date.now() - (at as { buried: number }).buried) < 60_000);
});
