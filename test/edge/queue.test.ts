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

function clientAt(port: number): SQSClient {
  return new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
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
