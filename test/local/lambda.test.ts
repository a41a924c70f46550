/** Functions of this machine, as strict as Lambda: what it refuses, freezes and begins again. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Account, Pool } from '../../infra/local/lambda/concurrency.ts';
import { type FunctionSettings, LocalFunction } from '../../infra/local/lambda/function.ts';
import { invoked, longest } from '../../infra/local/lambda/lineage.ts';
import { OwnTime } from '../../infra/local/lambda/own_time.ts';
import { eventually } from './stack/running.ts';

/** Handlers by their names. */
const SOURCES = {
  echo: `export const handler = async ({ size }) => size === undefined ? process.pid : 'x'.repeat(size);`,
  waiting: `export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 300)); return process.pid; };`,
  traced: 'export const handler = async () => process.env._X_AMZN_TRACE_ID;',
  // Only a start that is given more than this tells the time that is left.
  slow: `await new Promise((resolve) => setTimeout(resolve, 400));
    export const handler = async (_, context) => context.getRemainingTimeInMillis();`,
};

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-lambda-'));
  for (const [name, source] of Object.entries(SOURCES)) await writeFile(join(folder, `${name}.mjs`), source);
});
after(() => rm(folder, { recursive: true }));

/** Runs a handler, and stops its function. */
async function using(
  handler: keyof typeof SOURCES,
  act: (used: LocalFunction) => Promise<void>,
  settings: Partial<FunctionSettings> = {},
): Promise<void> {
  const used = new LocalFunction({
    ...{ name: handler, arn: `arn:${handler}`, timeout: 20_000, concurrency: 2, log: () => {} },
    ...{ pool: new Pool(() => 1000), loops: false },
    environment: { LAMBDA_TASK_ROOT: folder, _HANDLER: `${handler}.handler` },
    ...settings,
  });
  try {
    await act(used);
  } finally {
    used.stop();
  }
}

test('a sandbox is frozen between two invocations', async () => {
  await using('echo', async (used) => {
    const pid = await used.invoke({});
    const state = () => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    await eventually(state, (seen) => seen.startsWith('T'), 5000);
    assert.equal(await used.invoke({}), pid);
  });
});

test('an invocation is stopped in the middle, goes on, and is ended where that lasts longer than its time', async () => {
  await using('waiting', async (used) => {
    const pid = await used.invoke({});
    assert.equal(used.stall().stalled, 0, 'none is under way');
    let ended = false;
    const stopped = used.invoke({}).finally(() => {
      ended = true;
    });
    const { goOn } = await eventually(
      () => used.stall(),
      ({ stalled }) => stalled === 1,
      5000,
    );
    const state = () => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    await eventually(state, (seen) => seen.startsWith('T'), 5000);
    assert.equal(ended, false);
    goOn();
    assert.equal(await stopped, pid);
    // Frozen between two invocations, as ever.
    await eventually(state, (seen) => seen.startsWith('T'), 5000);
    assert.equal(await used.invoke({}), pid);
  });
  await using(
    'waiting',
    async (used) => {
      const pid = await used.invoke({});
      const stopped = used.invoke({});
      stopped.catch(() => {});
      const { goOn } = await eventually(
        () => used.stall(),
        ({ stalled }) => stalled === 1,
        5000,
      );
      await assert.rejects(stopped, { type: 'Sandbox.Timedout' });
      goOn();
      assert.notEqual(await used.invoke({}), pid);
    },
    { timeout: 1500 },
  );
});

test('a function that has reserved one invocation refuses a second one, and takes it afterwards', async () => {
  await using(
    'echo',
    async (used) => {
      const first = used.invoke({});
      await assert.rejects(used.invoke({}), { name: 'Refused', type: 'TooManyRequestsException' });
      await first;
      assert.equal(await used.invoke({}), await first);
    },
    { pool: new Account().pool('echo', 1) },
  );
});

test('what functions reserve is taken from all others, and the account keeps a hundred for those', () => {
  const account = new Account(110);
  const others = account.pool('others', null);
  account.pool('first', 5);
  assert.throws(() => account.pool('second', 6), /UnreservedConcurrentExecution below its minimum value/);
  account.pool('second', 5);
  const given = Array.from({ length: 100 }, () => others.take());
  assert.throws(() => others.take(), { type: 'TooManyRequestsException' });
  given[0]?.();
  others.take();
});

test('an event and a result have the sizes that Lambda takes, and no byte more', async () => {
  await using('echo', async (used) => {
    const fits = 6_291_556 - '""'.length;
    assert.equal(((await used.invoke({ size: fits })) as string).length, fits);
    await assert.rejects(used.invoke({ size: fits + 1 }), {
      type: 'Function.ResponseSizeTooLarge',
      message: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    await assert.rejects(used.invoke('x'.repeat(6_291_455)), { type: 'RequestTooLargeException' });
    assert.equal(typeof (await used.invoke({})), 'number');
  });
});

test('a function that has led to its own invocation 16 times is not invoked again, where it does not say so', async () => {
  for (const loops of [false, true])
    await using(
      'traced',
      async (used) => {
        let trace: string | undefined;
        for (let n = 0; n < 16; n++) trace = (await used.invoke({}, trace)) as string;
        assert.match(trace ?? '', /^Root=.*;Lineage=1:[0-9a-f]{8}:16$/);
        const next = used.invoke({}, trace);
        if (loops) assert.match(String(await next), /:17$/);
        else await assert.rejects(next, { type: 'RecursiveInvocationException' });
      },
      { loops },
    );
});

test('each function of a chain is counted by itself, and of several chains the longest one counts', () => {
  const one = invoked(undefined, 'a').header;
  const two = invoked(invoked(one, 'b').header, 'a');
  assert.equal(two.count, 2);
  assert.equal(invoked(two.header, 'b').count, 2);
  assert.equal(longest([undefined, two.header, one], 'a'), two.header);
  assert.equal(longest([undefined], 'a'), undefined);
});

test('a start that takes too long is done once more, in the time of the invocation', async () => {
  await using(
    'slow',
    async (used) => {
      // The start waits 400 ms. A part of that may count as waiting for a processor, which is nobody's time.
      const left = (await used.invoke({})) as number;
      assert.ok(left <= 20_000 - 100, `${left} ms`);
      // The container has started: from now on each invocation has all of its time.
      assert.ok(((await used.invoke({})) as number) > 20_000 - 100);
    },
    { start: 100 },
  );
  await using('slow', (used) => assert.rejects(used.invoke({}), { type: 'Sandbox.Timedout' }), {
    ...{ start: 100, timeout: 200 },
  });
});

test('a process that waits by itself spends its time, and one that only waits for a processor does not', async () => {
  let now = 0;
  const time = new OwnTime(process.pid, () => now);
  now = 600_000;
  // It is this process that looks, so it computes; and no more than it has computed counts.
  assert.ok(time.look() < 590_000);
  const other = new OwnTime(0, () => now);
  now += 500;
  assert.equal(other.look(), 500);
});
