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

test('strikes are counted by the names of faults, until they are asked for', () => {
  const faults = new FaultQueue<Ordered>();
  faults.order({ times: 2, name: 'a' });
  faults.order({ times: 1 });
  faults.order({ times: 3, every: 2, name: 'b' });
  for (let n = 0; n < 9; n++) faults.strike(() => true);
  assert.deepEqual(faults.takeStruck('b'), { b: 3 });
  faults.order({ times: 1, name: 'b' });
  faults.strike(() => true);
  assert.deepEqual(faults.takeStruck(null), { a: 2, b: 1 });
  assert.deepEqual([faults.takeStruck(null), faults.takeStruck('a')], [{}, { a: 0 }]);
});
