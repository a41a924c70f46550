/** The token of a task, and what Step Functions answers to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { Task } from '../../functions/edge/task.ts';
import { TaskGone } from '../../functions/runs/shard_task.ts';

/** A task whose service answers with an error, if one is given. */
function taskWith(answer: { error: Error | null }) {
  const seen = { now: 0, sent: [] as (readonly [string, Readonly<Record<string, unknown>>])[] };
  const client = {
    send: async (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      seen.sent.push([command.constructor.name, command.input]);
      if (answer.error !== null) throw answer.error;
    },
  };
  return { seen, task: new Task(client as unknown as SFNClient, 't', 1000, () => seen.now) };
}
const named = (name: string) => Object.assign(new Error(name), { name });

test('a heartbeat is sent at once, and then no sooner than its interval', async () => {
  const { seen, task } = taskWith({ error: null });
  for (const now of [0, 1, 999, 1000, 1999, 5000]) {
    seen.now = now;
    await task.alive();
  }
  assert.deepEqual(seen.sent, Array(3).fill(['SendTaskHeartbeatCommand', { taskToken: 't' }]));
});

test('an end tells its output, or its error with a cause that the service takes', async () => {
  const { seen, task } = taskWith({ error: null });
  await task.done({ shard: 3 });
  await task.failed('OperatorNeeded', 'x'.repeat(40_000));
  const cause = 'x'.repeat(30_000);
  assert.deepEqual(seen.sent, [
    ['SendTaskSuccessCommand', { taskToken: 't', output: '{"shard":3}' }],
    ['SendTaskFailureCommand', { taskToken: 't', error: 'OperatorNeeded', cause }],
  ]);
});

test('a task that has timed out, or was ended, is gone: a worker stops, and an end of it is no error', async () => {
  for (const name of ['TaskDoesNotExist', 'TaskTimedOut']) {
    const gone = () => taskWith({ error: named(name) }).task;
    await assert.rejects(gone().alive(), TaskGone);
    assert.equal(await gone().isWanted(), false);
    await gone().done({});
    await gone().failed('E', 'why');
  }
});

test('a token that was never one is no reason to stop: the message was written by hand', async () => {
  const { task } = taskWith({ error: named('InvalidToken') });
  await task.alive();
  assert.equal(await task.isWanted(), true);
  await task.done({});
});

test('a service that does not answer is no task that is gone', async () => {
  for (const act of ['alive', 'isWanted', 'done'] as const) {
    const { task } = taskWith({ error: named('ServiceUnavailable') });
    await assert.rejects(async () => task[act]({}), { name: 'ServiceUnavailable' });
  }
});
