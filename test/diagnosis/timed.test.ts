/** What clocks and latencies of the stores amount to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timedVerdicts } from '../../functions/diagnosis/timed.ts';
import { known } from '../../functions/stores/facts.ts';
import { latencyOf, skewBy } from '../../functions/stores/measure.ts';

test('clocks and latencies have limits of their own', () => {
  const states = (skew: number, latency: number) =>
    Object.values(timedVerdicts('ORACLE', { skew: known(skew), latency: known(latency) }, 2000)).map(
      (verdict) => verdict.state,
    );
  assert.deepEqual(states(0.9, 49), ['good', 'good']);
  assert.deepEqual(states(-5, 50), ['doubtful', 'doubtful']);
  assert.deepEqual(states(30, 500), ['bad', 'bad']);
  assert.deepEqual(states(4.9, 499), ['good', 'doubtful']);
});

test('a skew is what lies outside of the time that the answer took', async () => {
  const times = [1000, 3000];
  const watch = (at = [...times]) => ({ wall: () => at.shift() ?? 0, steady: () => 0 });
  assert.equal(await skewBy(watch(), async () => 2000), 0);
  assert.equal(await skewBy(watch(), async () => 3500), 0.5);
  assert.equal(await skewBy(watch(), async () => 0), -1);
  const steady = [0, 9, 10, 11, 20, 23, 30, 35, 40, 41];
  assert.equal(await latencyOf({ wall: () => 0, steady: () => steady.shift() ?? 0 }, async () => {}), 3);
});
