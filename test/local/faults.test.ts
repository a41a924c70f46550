import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultQueue, type Ordered } from '../../infra/local/servers/faults.ts';

const strikes = (fault: Ordered, requests: number) => {
  const faults = new FaultQueue<Ordered>();
  faults.order(fault);
  return Array.from({ length: requests }, () => faults.strike(() => true) !== null);
};

test('a fault strikes so many requests, each one or each second one', () => {
  assert.deepEqual(strikes({ times: 2 }, 4), [true, true, false, false]);
  assert.deepEqual(strikes({ times: 2, every: 2 }, 6), [false, true, false, true, false, false]);
  assert.deepEqual(strikes({ times: null, every: 3 }, 6), [false, false, true, false, false, true]);
});
