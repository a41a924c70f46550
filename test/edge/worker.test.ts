/** A message that fails is delivered again, and those beside it in its batch are not. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { Container } from '../../functions/edge/container.ts';
import { KeyNames } from '../../functions/edge/key_names.ts';
import { worker } from '../../functions/edge/worker.ts';

before(() => {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
});

const record = (messageId: string) => ({
  ...{ messageId, receiptHandle: 'h', body: messageId, eventSource: 'aws:sqs' },
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1000' },
});

function handlerThat(fails: readonly string[]) {
  const handled: string[] = [];
  const parts = {
    ...{ logger: new Logger({ logLevel: 'SILENT' }), metrics: new Metrics({ namespace: 'Test' }) },
    keys: new KeyNames(null, () => 0),
    failovers: { changes: () => null, rest: () => null } as unknown as Container['failovers'],
  };
  const handler = worker(parts, async ({ body }) => {
    handled.push(body);
    if (fails.includes(body)) throw new Error('no store answers');
  });
  return { handled, invoke: (event: unknown) => handler(event, { functionName: 'f' } as Context) };
}

test('each message is handled, and those alone that failed are told to the queue', async () => {
  for (const fails of [[], ['b'], ['a', 'b', 'c']]) {
    const { handled, invoke } = handlerThat(fails);
    const told = await invoke({ Records: ['a', 'b', 'c'].map(record) });
    assert.deepEqual(handled.toSorted(), ['a', 'b', 'c']);
    assert.deepEqual(told, { batchItemFailures: fails.map((itemIdentifier) => ({ itemIdentifier })) });
  }
});

test('an event that is none of a queue fails, and nothing is handled', async () => {
  const { handled, invoke } = handlerThat([]);
  await assert.rejects(async () => invoke({ version: '2.0' }), { name: 'NotQueue' });
  const { attributes: _, ...without } = record('a');
  const unreadable = { ...record('a'), attributes: { ...record('a').attributes, SentTimestamp: 'x' } };
  const unsaid = { ...record('a'), messageAttributes: { caller: { stringValue: 1 } } };
  for (const each of [without, unreadable, unsaid])
    await assert.rejects(async () => invoke({ Records: [record('b'), each] }), { name: 'NotQueue' });
  assert.deepEqual(handled, []);
});
