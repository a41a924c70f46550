/** The queues of the local AWS: what they keep where messages outlive the process. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Letters } from '../../functions/books/letters.ts';
import { sweepPorts } from '../../functions/edge/dead_letters.ts';
import { bury } from '../../functions/edge/queue.ts';
import { release, sweep } from '../../functions/operations/sweep.ts';
import { type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
import { ACCOUNT } from '../../infra/local/template.ts';
import { eventually } from './stack/running.ts';

const directory = mkdtempSync(join(tmpdir(), 'crossfade-queues-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const QueueUrl = `http://127.0.0.1/${ACCOUNT}/kept`;

interface Received {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

async function call(queues: Queues, operation: string, input: object) {
  const answer = await queues.forward(`AmazonSQS.${operation}`, JSON.stringify({ QueueUrl, ...input }));
  assert.equal(answer.status, 200, `${operation}: ${answer.body}`);
  return JSON.parse(answer.body);
}

/** Both messages, or as many as come. */
async function received(queues: Queues): Promise<Received[]> {
  const asked = { MaxNumberOfMessages: 10, VisibilityTimeout: 60, WaitTimeSeconds: 1 };
  const all: Received[] = [];
  while (all.length < 2) {
    const { Messages = [] } = await call(queues, 'ReceiveMessage', asked);
    if (Messages.length === 0) break;
    all.push(...Messages);
  }
  return all;
}

test('a message that is given back is there for the next reader, and after a restart', async () => {
  let queues = await Queues.start(directory);
  try {
    await queues.create('kept', {});
    for (const MessageBody of ['one', 'two']) await call(queues, 'SendMessage', { MessageBody });
    const [first, second] = await received(queues);
    await call(queues, 'ChangeMessageVisibility', {
      ...{ ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 },
    });
    const { Failed } = await call(queues, 'ChangeMessageVisibilityBatch', {
      Entries: [{ Id: 'a', ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 }],
    });
    assert.deepEqual(Failed ?? [], []);
    const again = await received(queues);
    assert.deepEqual(again.map(({ Body }) => Body).sort(), ['one', 'two']);
    for (const { ReceiptHandle } of again)
      await call(queues, 'ChangeMessageVisibility', { ReceiptHandle, VisibilityTimeout: 0 });
    await queues.stop();
    queues = await Queues.start(directory);
    assert.deepEqual((await received(queues)).map(({ Body }) => Body).sort(), ['one', 'two']);
  } finally {
    await queues.stop();
  }
});

test('a message whose delay or visibility timeout is over counts as due, although nobody receives', async () => {
  const queues = await Queues.start(null);
  const counted = async () => {
    const { Attributes } = await call(queues, 'GetQueueAttributes', { AttributeNames: ['All'] });
    return ['', 'Delayed', 'NotVisible'].map((kind) => Attributes[`ApproximateNumberOfMessages${kind}`]);
  };
  try {
    await queues.create('kept', {});
    await call(queues, 'SendMessage', { MessageBody: 'received' });
    await call(queues, 'ReceiveMessage', { VisibilityTimeout: 1 });
    await call(queues, 'SendMessage', { MessageBody: 'delayed', DelaySeconds: 1 });
    assert.deepEqual(await counted(), ['0', '1', '1']);
    await eventually(counted, (counts) => counts.join() === '2,0,0', 5000);
    assert.deepEqual(queues.counts('kept'), { ready: 2, delayed: 0, inflight: 0 });
  } finally {
    await queues.stop();
  }
});

test('dead letters that are listed twice, and again after a restart, are all there', async () => {
  const kept: string[] = [];
  const letters = {
    find: async () => null,
    // Too long for a letter: the queue has to keep them, and each list gives them back.
    keep: async (body: string) => {
      kept.push(body);
      return { id: body, whole: false };
    },
  } as unknown as Letters;
  const list = async (queues: Queues, act: (client: SQSClient, queue: string) => Promise<unknown>) => {
    const endpoint = await serveAws({ queues, allows: () => true } as unknown as Services);
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new SQSClient({
      endpoint: endpoint.url,
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
    });
    try {
      await act(client, `${endpoint.url}/${ACCOUNT}/dead`);
    } finally {
      client.destroy();
      await endpoint.stop();
    }
  };
  const swept = async (client: SQSClient, DEAD_LETTERS_QUEUE: string) => {
    kept.length = 0;
    const ports = sweepPorts(
      client,
      { DEAD_LETTERS_QUEUE },
      letters,
      () => true,
      async () => false,
      Date.now,
      0.02,
    );
    await release(await sweep(ports), ports);
    assert.deepEqual(kept.sort(), ['one', 'two']);
  };
  for (const round of [1, 2]) {
    const queues = await Queues.start(directory);
    await queues.create('dead', {});
    await list(queues, async (client, queue) => {
      for (const body of round === 1 ? ['one', 'two'] : []) await bury(client, queue, body, 'unfit');
      await swept(client, queue);
      await swept(client, queue);
    }).finally(() => queues.stop());
  }
});
