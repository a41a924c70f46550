/** Whether a pool is busy or dead is told from what it did while a caller waited in vain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type oracledb from 'oracledb';
import { isPoolTimeout, PoolLife } from '../../../functions/stores/oracle/pool_life.ts';

const SIZE = 2;
const fresh = () => new PoolLife(SIZE, async () => ({}) as oracledb.Pool);

/** What the pool did before a caller came, while it waited, and how many sessions it has at the end. */
function judged(
  open: number,
  meanwhile: (life: PoolLife) => void,
  before: (life: PoolLife) => void = () => {},
) {
  const life = fresh();
  before(life);
  const mark = life.mark();
  meanwhile(life);
  return { saturated: life.isSaturatedSince(mark, open), dead: life.isDeadSince(mark, open) };
}

test('a pool whose sessions are all at work is busy, and not dead', () => {
  const working = (life: PoolLife) => Object.assign(life, { working: SIZE });
  assert.deepEqual(judged(SIZE, working), { saturated: true, dead: false });
  // Those that wait longest have their answers by now.
  assert.deepEqual(
    judged(SIZE, (life) => life.answers++),
    { saturated: true, dead: false },
  );
});

test('a pool that has room for another session, and opens none, is dead', () => {
  assert.deepEqual(
    judged(1, () => {}),
    { saturated: false, dead: true },
  );
  // Its other session goes on answering: no caller beyond it ever gets one.
  assert.deepEqual(
    judged(1, (life) => life.answers++),
    { saturated: false, dead: true },
  );
  const opens = (life: PoolLife) => Object.assign(life, { session: 8 });
  assert.deepEqual(judged(1, opens), { saturated: false, dead: false });
  // That it opened one earlier says nothing.
  assert.equal(judged(1, () => {}, opens).dead, true);
});

test('a pool that is full and does nothing is dead, since its idle sessions come to nobody', () => {
  assert.deepEqual(
    judged(SIZE, () => {}),
    { saturated: false, dead: true },
  );
});

test('only the refusal of the driver is a time-out of the pool', () => {
  assert.equal(isPoolTimeout(Object.assign(new Error(), { code: 'NJS-040' })), true);
  for (const other of [Object.assign(new Error(), { code: 'NJS-076' }), new Error('NJS-040'), null])
    assert.equal(isPoolTimeout(other), false);
});

test('a pool has slept where either clock has gone on for five minutes without a call', (t) => {
  const life = fresh();
  const began = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: began + 299_000 });
  assert.equal(life.hasSlept(), false);
  life.mark();
  t.mock.timers.setTime(began + 598_000);
  assert.equal(life.hasSlept(), false);
  t.mock.timers.setTime(began + 600_000);
  assert.equal(life.hasSlept(), true);
  life.mark();
  assert.equal(life.hasSlept(), false);
  const steady = performance.now();
  t.mock.method(performance, 'now', () => steady + 301_000);
  assert.equal(life.hasSlept(), true);
});
