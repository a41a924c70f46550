/** State machines of this machine, within the limits of Step Functions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machines } from '../../infra/local/states/machines.ts';
import { eventually } from './stack/running.ts';

const ARN = 'arn:aws:states:eu-central-1:000000000000:stateMachine:M';
const NEVER = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken';
const LARGEST = 262_144;

interface Described {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** @param states in their order, each followed by the next one. */
function machineOf(states: Record<string, object>, events?: number) {
  const names = Object.keys(states);
  const followed = names.map((name, n) => {
    const next = names[n + 1];
    return [name, { ...states[name], ...(next === undefined ? { End: true } : { Next: next }) }];
  });
  const machines = new Machines(events);
  const definition = { QueryLanguage: 'JSONata', StartAt: names[0], States: Object.fromEntries(followed) };
  machines.define(ARN, JSON.stringify(definition));
  const runs: unknown[] = [];
  machines.use(async (_, resource, argument) => {
    runs.push(argument);
    return resource.endsWith('large') ? 'x'.repeat(LARGEST) : null;
  });
  const start = (input: unknown = {}, name = 'one') =>
    machines.call('StartExecution', { stateMachineArn: ARN, name, input: JSON.stringify(input) }) as {
      executionArn: string;
    };
  const ended = async (input?: unknown) => {
    const { executionArn } = start(input);
    const describe = () => machines.call('DescribeExecution', { executionArn }) as Described;
    return eventually(describe, ({ status }) => status !== 'RUNNING', 5000);
  };
  return { machines, runs, start, ended };
}

/** Waits for a worker that never tells anything. */
const WORK = { Type: 'Task', Resource: NEVER, Arguments: '{% $states.context.Task.Token %}' };
const ALWAYS = { ErrorEquals: ['States.ALL'], IntervalSeconds: 0, MaxAttempts: 1000 };

test('an execution ends with its last event but for success, whatever it would try again', async () => {
  const silent = { ...WORK, HeartbeatSeconds: 0.001, Retry: [ALWAYS] };
  const { ended, runs } = machineOf({ Work: silent }, 100);
  const { status, error, cause } = await ended();
  assert.deepEqual(
    [status, error, cause],
    ['FAILED', 'States.Runtime', 'The execution reached the maximum number of history events (100).'],
  );
  // One that it has started and two of the state, and four of each attempt: the 25th attempt has the 100th event.
  assert.equal(runs.length, 24);
});

test('the items of a map use up the events of their execution', async () => {
  const run = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: {} };
  const items = (Items: string) => ({
    Map: { Type: 'Map', Items, ItemProcessor: { StartAt: 'W', States: { W: { ...run, End: true } } } },
  });
  // An item whose task waits for no token is seven events: 3,560 are within 25,000, and 3,580 are not.
  assert.equal((await machineOf(items('{% [1..3560] %}')).ended()).status, 'SUCCEEDED');
  assert.equal((await machineOf(items('{% [1..3580] %}')).ended()).error, 'States.Runtime');
});

test('what goes from state to state has 262,144 bytes at most, and no catch of all errors means more', async () => {
  const pass = (size: number) =>
    machineOf({ P: { Type: 'Pass', Output: `{% $pad('', ${size - 2}, 'x') %}` } }).ended();
  assert.equal((await pass(LARGEST)).status, 'SUCCEEDED');
  assert.equal((await pass(LARGEST + 1)).error, 'States.DataLimitExceeded');
  const large = { Type: 'Task', Resource: 'arn:aws:states:::large', Arguments: {}, Retry: [ALWAYS] };
  const { ended, runs } = machineOf({ L: { ...large, Output: 'small' } });
  assert.equal((await ended()).error, 'States.DataLimitExceeded');
  assert.equal(runs.length, 1);
  const { start } = machineOf({ P: { Type: 'Pass' } });
  assert.throws(() => start('x'.repeat(LARGEST)), { type: 'ValidationException' });
});

test('a task that is told too much is told nothing, and one of an execution that has ended is gone', async () => {
  const { machines, runs, start } = machineOf({ Work: WORK });
  const { executionArn } = start();
  const taskToken = await eventually(
    () => runs[0],
    (token) => token !== undefined,
    5000,
  );
  const call = (operation: string, input: object) => () => machines.call(operation, { taskToken, ...input });
  const output = JSON.stringify('x'.repeat(LARGEST));
  assert.throws(call('SendTaskSuccess', { output }), { type: 'ValidationException' });
  assert.throws(call('SendTaskSuccess', { output: 'nonsense' }), { type: 'InvalidOutput' });
  assert.throws(call('SendTaskFailure', { cause: 'x'.repeat(32_769) }), { type: 'ValidationException' });
  assert.throws(call('SendTaskFailure', { error: 'x'.repeat(257) }), { type: 'ValidationException' });
  call('SendTaskHeartbeat', {})();
  call('StopExecution', { executionArn })();
  const describe = () => machines.call('DescribeExecution', { executionArn }) as Described;
  await eventually(describe, ({ status }) => status === 'ABORTED', 5000);
  assert.throws(call('SendTaskHeartbeat', {}), { type: 'TaskTimedOut' });
});

test('a start that is sent again while it runs is the same execution, and another input is refused', () => {
  const { machines, start } = machineOf({ Work: WORK });
  assert.deepEqual(start(), start());
  assert.throws(() => start({ other: true }), { type: 'ExecutionAlreadyExists' });
  assert.throws(
    () => machines.call('StartExecution', { stateMachineArn: ARN, name: 'two', input: 'nonsense' }),
    { type: 'InvalidExecutionInput' },
  );
  machines.stop();
});
