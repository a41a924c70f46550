import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace, Paused } from '../../functions/runs/pace.ts';

/** A pace over a virtual clock, whose claims are given in turn. */
function paceOf(claims: (number | null)[], value = '100') {
  const seen = { now: 0, slept: 0, alive: 0, silent: 0, longest: 0, most: [] as number[] };
  const pace = new Pace({
    read: async () => ({ value, version: 1 }),
    claim: async (_documents, _rate, _now, most) => {
      seen.most.push(most);
      return claims.shift() ?? null;
    },
    clock: { wall: () => seen.now, steady: () => seen.now },
    sleep: async (milliseconds) => {
      seen.now += milliseconds;
      seen.slept += milliseconds;
      seen.silent += milliseconds;
      seen.longest = Math.max(seen.longest, seen.silent);
    },
  });
  const alive = async () => {
    seen.alive++;
    seen.silent = 0;
  };
  return { seen, wait: (most: number, patient = false) => pace.wait(10, most, { patient, alive }) };
}

test('who waits for long gives signs of life all the while', async () => {
  const { seen, wait } = paceOf([60_500]);
  assert.equal(await wait(100_000), true);
  assert.deepEqual([seen.slept, seen.longest], [60_500, 1000]);
});

test('who lets others go first gives them too, for as long as it takes', async () => {
  const { seen, wait } = paceOf([...Array.from({ length: 200 }, () => null), 0]);
  assert.equal(await wait(100_000, true), true);
  assert.deepEqual([seen.slept, seen.longest, seen.alive], [50_000, 250, 200]);
  assert.ok(seen.most.every((most) => most === 0));
});

test('a turn that would come too late is not waited for', async () => {
  const late = paceOf([null]);
  assert.equal(await late.wait(4999), false);
  assert.deepEqual([late.seen.slept, late.seen.most], [0, [4999]]);
  const never = paceOf([]);
  assert.equal(await never.wait(1000, true), false);
  assert.equal(never.seen.slept, 1000);
});

test('pace 0 pauses, and what is no number is refused', async () => {
  await assert.rejects(paceOf([0], '0').wait(1000), Paused);
  await assert.rejects(paceOf([0], '0').wait(1000), { name: 'Paused' });
  await assert.rejects(
    paceOf([0], 'fast').wait(1000),
    /The pace is "fast": set documents a second, 0 to pause/,
  );
});

test('a rate that was read is used for two seconds', async () => {
  let [steady, reads] = [100_000, 0];
  const pace = new Pace({
    read: async () => ({ value: String(++reads) }),
    claim: async () => 0,
    clock: { wall: () => 0, steady: () => steady },
    sleep: async () => {},
  });
  const rates: number[] = [];
  for (const passed of [0, 1999, 1, 1, 2000, 1]) {
    steady += passed;
    rates.push(await pace.rate());
  }
  assert.deepEqual(rates, [1, 1, 1, 2, 2, 3]);
});
