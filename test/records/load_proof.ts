/** The proof of load: percentiles of what was measured, and the step of a ramp. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addedUp, callsIn, NO_LATENCIES, percentile, withCall } from '../../functions/records/histogram.ts';
import { stepAt } from '../../functions/records/load_proof.ts';

const of = (times: readonly number[]) => times.reduce(withCall, NO_LATENCIES);

test('a percentile is never told too low, and at most 19 % too high; sums say the same as all together', () => {
  const times = fc.array(fc.double({ min: 0.2, max: 80_000, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(times, times, fc.constantFrom(50, 99), (one, other, percent) => {
      const all = [...one, ...other].sort((a, b) => a - b);
      const exact = all[Math.max(1, Math.ceil((percent / 100) * all.length)) - 1] ?? 0;
      const told = percentile(addedUp(of(one), of(other)), percent) ?? assert.fail();
      assert.deepEqual(addedUp(of(one), of(other)), of([...one, ...other]));
      // Three figures are told.
      assert.ok(told >= exact * 0.995 && told <= exact * 1.2, `${told} of ${exact}`);
    }),
    { numRuns: 50 },
  );
});

test('nothing measured has no percentile, and a call of any length counts', () => {
  assert.equal(percentile(NO_LATENCIES, 99), null);
  assert.equal(callsIn(of([0, 0.05, 1e9])), 3);
  assert.equal(percentile(of([0]), 50), 0.1);
  assert.ok((percentile(of([1e9]), 50) ?? 0) > 80_000);
});

const MINUTE = 60_000;
const RAMP = [
  { percent: 1, minutes: 10 },
  { percent: 50, minutes: 5 },
  { percent: 100, minutes: 30 },
];

test('the ramp begins with expand, and its last step lasts on', () => {
  const at = (minutes: number) => {
    const { percent, number, until } = stepAt(RAMP, 'expand', 0, minutes * MINUTE);
    return [percent, number, until === null ? null : until / MINUTE];
  };
  assert.deepEqual(at(-1), [1, 1, 10], 'a phase begins in the future while it is published');
  assert.deepEqual(at(0), [1, 1, 10]);
  assert.deepEqual(at(9.99), [1, 1, 10]);
  assert.deepEqual(at(10), [50, 2, 15]);
  assert.deepEqual(at(15), [100, 3, null]);
  assert.deepEqual(at(100_000), [100, 3, null]);
  assert.equal(stepAt(RAMP, 'expand', 0, 20 * MINUTE).began, 15 * MINUTE);
});

test('in seal each read asks both stores: the last step is measured from its beginning', () => {
  const { percent, number, began } = stepAt(RAMP, 'seal', MINUTE, MINUTE);
  assert.deepEqual([percent, number, began], [100, 3, MINUTE]);
});
