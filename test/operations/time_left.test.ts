import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeLeft } from '../../functions/operations/time_left.ts';

test('calls begin while the last of them, and one after it, still end in time, and a sweep leaves half for the letters', () => {
  let now = 0;
  const time = timeLeft(() => 20_000 - now, 5000, 3000);
  const at = (milliseconds: number) => {
    now = milliseconds;
    return [time.left(), time.sweeping(), time.timely()];
  };
  assert.deepEqual(at(0), [12_000, true, true]);
  assert.deepEqual(at(5999), [6001, true, true]);
  assert.deepEqual(at(6000), [6000, false, true]);
  assert.deepEqual(at(11_999), [1, false, true]);
  assert.deepEqual(at(12_000), [0, false, false]);
});
