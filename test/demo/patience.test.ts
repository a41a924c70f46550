import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { BadCommand } from '../../infra/console/service.ts';
import { type Clock, Patience, Stuck } from '../../infra/demo/patience.ts';

let now: number;
/** Time goes on by nothing but sleep. */
const clock: Clock = {
  now: () => now,
  sleep: async (milliseconds, signal) => {
    await Promise.resolve();
    signal?.throwIfAborted();
    now += milliseconds;
  },
};
const patience = new Patience(120_000, clock);
beforeEach(() => {
  now = 0;
});

/** As a function on a busy machine: it fails some times. */
function failing(times: number, message = '500: Internal Server Error') {
  const tries = { count: 0 };
  const act = async () => {
    // Who waits for what has an answer need not sleep.
    if (tries.count++ < times) throw new Error(message);
    return tries.count;
  };
  return { act, tries };
}
const quick = new Patience(120_000, { now: () => now, sleep: slept });
/** Nothing that is awaited beside an act ever wakes up: only pauses do. */
async function slept(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal !== undefined) return new Promise(() => {});
  now += milliseconds;
}

test('a command that fails is tried again, as a person would', async () => {
  const { act, tries } = failing(5);
  assert.equal(await quick.again('the flags cannot be set', act), 6);
  assert.deepEqual([tries.count, now], [6, 5000]);
});

test('it is not tried for ever, and the end says what the last failure was', async () => {
  const { act, tries } = failing(Number.POSITIVE_INFINITY);
  await assert.rejects(
    quick.again('the flags cannot be set', act),
    (error) =>
      error instanceof Stuck &&
      error.message === 'In 120 s the flags cannot be set: 500: Internal Server Error',
  );
  assert.deepEqual([tries.count, now], [121, 120_000]);
});

test('what is refused stays refused, however often it is tried', async () => {
  let tries = 0;
  const refused = async () => {
    tries++;
    throw new BadCommand('Nothing was changed');
  };
  await assert.rejects(quick.again('it cannot be', refused), BadCommand);
  assert.equal(tries, 1);
});

test('what never answers is given up after as long as that, in the first attempt and in a later one', async () => {
  await assert.rejects(
    patience.again('nobody answers', () => new Promise(() => {})),
    (error) => error instanceof Stuck && error.message === 'In 120 s nobody answers',
  );
  assert.equal(now, 120_000);
  await assert.rejects(patience.within('nobody answers', new Promise(() => {}), 5000), /In 5 s nobody/);
  assert.equal(now, 125_000);
});

test('what is looked at again and again is told as it was last seen', async () => {
  let looks = 0;
  const look = async () => looks++;
  assert.equal(
    await patience.until(
      look,
      (seen) => seen === 3,
      () => '',
      300,
    ),
    3,
  );
  assert.equal(now, 900);
  await assert.rejects(
    patience.until(
      look,
      () => false,
      (seen) => `it is ${seen}`,
      300,
    ),
    (error) => error instanceof Stuck && /^In 120 s it is \d+$/.test(error.message),
  );
});
