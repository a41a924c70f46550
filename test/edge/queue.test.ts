/** Receipts into a queue of fauxqs, through the SDK. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { startFauxqs } from 'fauxqs';
import { parseReceipt, receiptSender, receiptText } from '../../functions/edge/queue.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { BadReceipt } from '../../functions/stores/receipt.ts';
import { type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
import { ACCOUNT } from '../../infra/local/template.ts';

let server: Awaited<ReturnType<typeof startFauxqs>>;
let client: SQSClient;

before(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  client = clientAt(server.port);
});
after(async () => {
  client.destroy();
  await server.stop();
});

const LOCAL = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
};

function clientAt(port: number): SQSClient {
  return new SQSClient({ ...LOCAL, endpoint: `http://127.0.0.1:${port}` });
}

async function queue(name: string): Promise<string> {
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
  return `http://127.0.0.1:${server.port}${new URL(QueueUrl).pathname}`;
}

const receipt = (key: string): Receipt => ({
  collection: 'orders',
  key,
  phase: 'expand',
  cause: 'marker',
  expired: 2n ** 64n - 1n,
});

test('receipts of one turn go together, ten a call, and arrive as they were sent', async () => {
  const url = await queue('together');
  const send = receiptSender(client, url, 0, (error) => assert.fail(String(error)));
  const keys = Array.from({ length: 23 }, (_, n) => `k${n}`);
  assert.deepEqual(new Set(await Promise.all(keys.map((key) => send(receipt(key))))), new Set([true]));
  const seen = new Map<string, Receipt>();
  while (seen.size < keys.length) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body = '' } of Messages) seen.set(parseReceipt(Body).key, parseReceipt(Body));
  }
  assert.deepEqual(new Set(seen.keys()), new Set(keys));
  assert.deepEqual(seen.get('k7'), receipt('k7'));
});

test('a receipt that another one has led to tells how often that has happened, beside its body; others tell nothing', async () => {
  const url = await queue('hops');
  const send = receiptSender(client, url, 0, (error) => assert.fail(String(error)));
  await Promise.all([send(receipt('first')), send(receipt('next'), { hops: 3, born: 5 })]);
  const seen = new Map<string, unknown>();
  while (seen.size < 2) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames: ['All'], WaitTimeSeconds: 1 }),
    );
    for (const { Body = '', MessageAttributes } of Messages)
      seen.set(parseReceipt(Body).key, MessageAttributes);
  }
  assert.equal(seen.get('first'), undefined);
  assert.deepEqual(seen.get('next'), {
    hops: { DataType: 'Number', StringValue: '4' },
    born: { DataType: 'Number', StringValue: '5' },
  });
});

test('nobody sees a receipt before its delay is over', async () => {
  const url = await queue('delayed');
  assert.equal(await receiptSender(client, url, 900, () => {})(receipt('k')), true);
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  assert.deepEqual(
    [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesDelayed],
    ['0', '1'],
  );
});

test('where the queue is away, or not there, every sender gets to know', async () => {
  const failures: unknown[] = [];
  const nowhere = receiptSender(client, `http://127.0.0.1:${server.port}/000000000000/none`, 0, (error) =>
    failures.push(error),
  );
  assert.deepEqual(await Promise.all([nowhere(receipt('a')), nowhere(receipt('b'))]), [false, false]);
  const away = clientAt(1);
  assert.equal(
    await receiptSender(away, 'http://127.0.0.1:1/q', 0, (error) => failures.push(error))(receipt('a')),
    false,
  );
  assert.equal(failures.length, 2);
  away.destroy();
});

test('a receipt that the queue refuses within a batch does not count as sent, and its neighbours do', async () => {
  const queues = await Queues.start(null);
  await queues.create('throttled', {});
  // Of the local AWS, its queues are all that is used.
  const endpoint = await serveAws({ queues, allows: () => true } as unknown as Services);
  const throttled = new SQSClient({ ...LOCAL, endpoint: endpoint.url });
  try {
    const failures: string[] = [];
    const send = receiptSender(throttled, `${endpoint.url}/${ACCOUNT}/throttled`, 0, (error) =>
      failures.push(String(error)),
    );
    queues.refuse(2);
    const sent = await Promise.all(['a', 'b', 'c', 'd'].map((key) => send(receipt(key))));
    assert.deepEqual(sent, [false, false, true, true]);
    assert.equal(failures.length, 2);
    assert.match(failures[0] ?? '', /The queue refused a receipt: ThrottlingException Rate exceeded/);
    assert.equal(queues.counts('throttled').ready, 2);
    assert.equal(await send(receipt('a')), true, 'the fault is over');
  } finally {
    throttled.destroy();
    await endpoint.stop();
    await queues.stop();
  }
});

test('a receipt of which the answer says nothing does not count as sent', async () => {
  const failures: string[] = [];
  const answers = [{ Successful: [{ Id: '1' }] }, {}];
  const silent = { send: async () => answers.shift() } as unknown as SQSClient;
  const send = receiptSender(silent, 'any', 0, (error) => failures.push(String(error)));
  const sent = () => Promise.all([send(receipt('a')), send(receipt('b'))]);
  assert.deepEqual(
    [await sent(), await sent()],
    [
      [false, true],
      [false, false],
    ],
  );
  assert.deepEqual(failures, [
    'Error: The queue gave no answer for 1 of 2 receipts',
    'Error: The queue gave no answer for 2 of 2 receipts',
  ]);
});

test('any key travels, in characters that every queue takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      const text = receiptText(receipt(key));
      assert.match(text, /^[\x20-\x7e]*$/);
      assert.deepEqual(parseReceipt(text), receipt(key));
    }),
  );
});

test('what is no receipt is told from one that failed', () => {
  for (const text of ['', 'x', '{}', '[]', '{"collection":"a","key":"b","phase":"expand","expired":1}'])
    assert.throws(() => parseReceipt(text), BadReceipt);
  assert.throws(() => parseReceipt('{"collection":"a","key":"b","phase":"later","expired":"1"}'), /phase/);
});
