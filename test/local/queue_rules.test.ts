/** What SQS refuses and passes on, at the address where functions reach it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
import { Refused } from '../../infra/local/lambda/failure.ts';
import type { LocalFunction } from '../../infra/local/lambda/function.ts';
import { invoked } from '../../infra/local/lambda/lineage.ts';
import { ACCOUNT } from '../../infra/local/template.ts';
import { type Mapping, Worker } from '../../infra/local/worker.ts';
import { eventually } from './stack/running.ts';

interface Answer {
  readonly status: number;
  readonly told: {
    readonly __type?: string;
    readonly Messages?: readonly {
      readonly ReceiptHandle: string;
      readonly Attributes: Readonly<Record<string, string>>;
    }[];
    readonly Successful?: readonly { readonly Id: string }[];
    readonly Failed?: readonly { readonly Id: string; readonly Code: string }[];
  };
}

type Call = (operation: string, input: object, trace?: string) => Promise<Answer>;

/** @param most messages in flight. */
async function withQueue(
  act: (call: Call, queues: Queues, endpoint: Endpoint) => Promise<void>,
  most?: number,
): Promise<void> {
  const queues = await Queues.start(null, most);
  const endpoint = await serveAws({ queues, allows: () => true } as unknown as Services);
  await queues.create('q', {});
  const call: Call = async (operation, input, trace) => {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'x-amz-target': `AmazonSQS.${operation}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=a/b/eu-central-1/sqs/aws4_request',
        ...(trace === undefined ? {} : { 'x-amzn-trace-id': trace }),
      },
      body: JSON.stringify({ QueueUrl: `${endpoint.url}/${ACCOUNT}/q`, ...input }),
    });
    return { status: response.status, told: (await response.json()) as Answer['told'] };
  };
  try {
    await act(call, queues, endpoint);
  } finally {
    await endpoint.stop();
    await queues.stop();
  }
}

test('a queue that has as many messages in flight as it may gives out no more until some are deleted', async () => {
  await withQueue(async (call) => {
    const receive = (WaitTimeSeconds: number) =>
      call('ReceiveMessage', { WaitTimeSeconds, MaxNumberOfMessages: 2 });
    for (const MessageBody of ['a', 'b', 'c']) await call('SendMessage', { MessageBody });
    const { told } = await receive(0);
    assert.equal(told.Messages?.length, 2);
    const refused = await receive(0);
    assert.equal(refused.status, 403);
    assert.match(refused.told.__type ?? '', /OverLimit/);
    // A long poll is told nothing.
    assert.deepEqual(await receive(0.02), { status: 200, told: {} });
    await call('DeleteMessage', { ReceiptHandle: told.Messages?.[0]?.ReceiptHandle });
    assert.equal((await receive(0)).told.Messages?.length, 1);
  }, 2);
});

test('a delay above 900 seconds is refused, and within a batch for its own entry alone', async () => {
  await withQueue(async (call, queues) => {
    assert.equal((await call('SendMessage', { MessageBody: 'a', DelaySeconds: 901 })).status, 400);
    const entry = (Id: string, DelaySeconds: number) => ({ Id, MessageBody: Id, DelaySeconds });
    const { told } = await call('SendMessageBatch', { Entries: [entry('a', 900), entry('b', 901)] });
    assert.deepEqual(
      [told.Successful?.map(({ Id }) => Id), told.Failed?.map(({ Id, Code }) => [Id, Code])],
      [['a'], [['b', 'InvalidParameterValue']]],
    );
    assert.deepEqual(queues.counts('q'), { ready: 0, delayed: 1, inflight: 0 });
  });
});

test('entries of batches are refused now and then, and their neighbours are taken', async () => {
  await withQueue(async (call, queues) => {
    const draws = [0, 0.9, 0.9];
    const struck = queues.behave({ refusals: 0.5 }, () => draws.shift() ?? 0.9);
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: Id }));
    const { told } = await call('SendMessageBatch', { Entries });
    assert.deepEqual(
      told.Failed?.map(({ Id }) => Id),
      ['a'],
    );
    assert.deepEqual(
      told.Successful?.map(({ Id }) => Id),
      ['b', 'c'],
    );
    assert.equal(struck.refusals, 1);
  });
});

/** Works the queue q off during an act. @returns what has failed. */
async function withWorker(
  endpoint: Endpoint,
  how: Pick<Mapping, 'target' | 'batchSize' | 'window'>,
  act: () => Promise<void>,
): Promise<string[]> {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new SQSClient({ endpoint: endpoint.url, region: 'eu-central-1', credentials });
  const failures: string[] = [];
  const queue = { queueUrl: `${endpoint.url}/${ACCOUNT}/q`, queueArn: Queues.arn('q') };
  const mapping = { ...queue, ...how, reportsFailures: true, concurrency: 1 };
  const worker = new Worker(mapping, client, (error) => failures.push(String(error)));
  try {
    await worker.start();
    await act();
  } finally {
    await worker.stop();
    client.destroy();
  }
  return failures;
}

/** A function that does this with the bodies of its messages. @returns the ids of those that failed. */
function targetThat(act: (bodies: readonly string[]) => readonly number[]): LocalFunction {
  return {
    settings: { name: 'f', arn: 'arn:f', timeout: 0 },
    invoke: async ({ Records }: { Records: readonly { body: string; messageId: string }[] }) => {
      const failed = act(Records.map(({ body }) => body));
      return { batchItemFailures: failed.map((at) => ({ itemIdentifier: Records[at]?.messageId })) };
    },
  } as unknown as LocalFunction;
}

test('messages of several calls come in one invocation, and only those that failed stay in the queue', async () => {
  await withQueue(async (call, queues, endpoint) => {
    for (let at = 0; at < 3; at++) {
      const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: `${at}${n}` }));
      await call('SendMessageBatch', { Entries });
    }
    const batches: (readonly string[])[] = [];
    const target = targetThat((bodies) => {
      batches.push(bodies);
      return [bodies.indexOf('17')];
    });
    const inFlight = () => queues.counts('q').inflight;
    const failures = await withWorker(endpoint, { target, batchSize: 30, window: 60 }, async () => {
      await eventually(
        () => batches.length === 1 && inFlight() === 1,
        (isLeft) => isLeft,
        10_000,
      );
    });
    assert.deepEqual([batches[0]?.length, new Set(batches[0]).size, failures], [30, 30, []]);
    assert.equal(queues.counts('q').ready, 0);
  });
});

test('a batch of more than ten without a window is refused, as Lambda refuses it', async () => {
  await withQueue(async (_, __, endpoint) => {
    const how = { target: targetThat(() => []), batchSize: 11, window: 0 };
    await assert.rejects(
      withWorker(endpoint, how, async () => {}),
      /Maximum batch window in seconds/,
    );
  });
});

test('a function that sends to the queue that invokes it is ended after 16 invocations, and its message is dead', async () => {
  await withQueue(async (call, queues, endpoint) => {
    await queues.create('dead', {});
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Queues.arn('dead'), maxReceiveCount: 1 });
    await queues.create('q', { RedrivePolicy, VisibilityTimeout: '0' });
    let invocations = 0;
    const target = {
      settings: { name: 'loop', arn: 'arn:loop', timeout: 0 },
      invoke: async (_: unknown, trace?: string) => {
        const { header, count } = invoked(trace, 'arn:loop');
        if (count > 16) throw new Refused('RecursiveInvocationException', 'It was invoked 16 times');
        invocations++;
        await call('SendMessageBatch', { Entries: [{ Id: 'a', MessageBody: 'next' }] }, header);
      },
    } as unknown as LocalFunction;
    const failures = await withWorker(endpoint, { target, batchSize: 1, window: 0 }, async () => {
      await call('SendMessage', { MessageBody: 'first' });
      await eventually(
        () => queues.counts('dead').ready,
        (ready) => ready === 1,
        10_000,
      );
    });
    assert.equal(invocations, 16);
    assert.match(failures[0] ?? '', /invoked 16 times/);
  });
});
