import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notingNotDurable } from '../../functions/edge/not_durable.ts';
import type { Phase } from '../../functions/protocol/phase.ts';

const BAKE = 50_000;

function noting() {
  const it = {
    ...{ now: 1_000_000, phase: 'expand' as Phase, counted: 0, fails: false },
    noted: [] as [string, number][],
    warned: 0,
  };
  const note = notingNotDurable({
    phase: async () => it.phase,
    note: async (collection, until) => {
      if (it.fails) throw new Error('no ledger');
      it.noted.push([collection, until]);
    },
    ...{ count: () => it.counted++, warn: () => it.warned++, now: () => it.now, bake: BAKE },
  });
  return { it, note };
}

test('every write without durability is counted, and lands before the time that was noted before it', async () => {
  const { it, note } = noting();
  const until = () => Math.max(...it.noted.map(([, time]) => time));
  for (let second = 0; second < 200; second += 7) {
    await note('orders');
    assert.ok(until() >= it.now + BAKE, `${second} s: a call has a bake left`);
    it.now += 7000;
  }
  assert.equal(it.counted, 29);
  assert.deepEqual(
    it.noted.map(([, time]) => time - 1_000_000),
    [100_000, 156_000, 212_000, 268_000],
  );
  assert.equal(it.warned, 4);
});

test('writes at the same time share one statement, and each collection has its own', async () => {
  const { it, note } = noting();
  await Promise.all(['orders', 'orders', 'carts', 'orders'].map(note));
  assert.deepEqual(it.noted.map(([collection]) => collection).sort(), ['carts', 'orders']);
});

test('what could not be noted is not written, and the next write notes again', async () => {
  const { it, note } = noting();
  it.fails = true;
  for (const failing of [note('orders'), note('orders')]) await assert.rejects(failing, /no ledger/);
  it.fails = false;
  await note('orders');
  assert.equal(it.noted.length, 1);
});

test('in legacy nothing is noted, and from expand on it is', async () => {
  const { it, note } = noting();
  it.phase = 'legacy';
  it.fails = true;
  await note('orders');
  it.fails = false;
  it.phase = 'expand';
  await note('orders');
  assert.deepEqual([it.counted, it.noted.length], [2, 1]);
});

test('a clock that goes back notes anew', async () => {
  const { it, note } = noting();
  await note('orders');
  it.now -= 600_000;
  await note('orders');
  assert.equal(it.noted.length, 2);
});
