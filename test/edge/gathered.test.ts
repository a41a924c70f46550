/** Items that come in the same turn go in one call, and share what becomes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { gathered } from '../../functions/edge/gathered.ts';
import { hide } from '../../functions/edge/queue.ts';

test('items of one turn go together, so many in a call, and those of the next turn by themselves', async () => {
  const calls: (readonly number[])[] = [];
  const act = gathered<number>(3, async (items) => void calls.push(items));
  await Promise.all([1, 2, 3, 4].map(act));
  await act(5);
  assert.deepEqual(calls, [[1, 2, 3], [4], [5]]);
});

test('a call that fails fails for its own items alone', async () => {
  const act = gathered<number>(2, async ([first]) => {
    if (first === 1) throw new Error('no');
  });
  const all = await Promise.allSettled([1, 2, 3].map(act));
  assert.deepEqual(
    all.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
});

test('messages are hidden each for its own time, and one that the queue refuses is an error', async () => {
  const sent: unknown[] = [];
  const clientThat = (answer: object) =>
    ({
      send: async ({ input }: { input: unknown }) => {
        sent.push(input);
        return answer;
      },
    }) as unknown as SQSClient;
  const some = [
    { handle: 'a', seconds: 120 },
    { handle: 'b', seconds: 900 },
  ];
  await hide(clientThat({ Successful: [] }), 'q', some);
  assert.deepEqual(sent, [
    {
      QueueUrl: 'q',
      Entries: [
        { Id: '0', ReceiptHandle: 'a', VisibilityTimeout: 120 },
        { Id: '1', ReceiptHandle: 'b', VisibilityTimeout: 900 },
      ],
    },
  ]);
  const refused = { Failed: [{ Id: '1', Code: 'InvalidParameterValue', Message: 'too long' }] };
  await assert.rejects(
    hide(clientThat(refused), 'q', some),
    /could not be hidden: InvalidParameterValue too long/,
  );
});
