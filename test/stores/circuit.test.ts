import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Circuit } from '../../functions/stores/circuit.ts';

const SETTINGS = { window: 10, failures: 5, pause: 3000, trials: 3 };

function opened(): Circuit {
  const circuit = new Circuit(SETTINGS);
  for (let n = 0; n < 5; n++) circuit.failed(0);
  return circuit;
}

test('a circuit opens when half of its last calls have failed, in a row or every second one', () => {
  const circuit = new Circuit(SETTINGS);
  for (let n = 0; n < 4; n++) {
    circuit.answered();
    circuit.failed(n);
    assert.equal(circuit.open(n), false, `${n + 1} of ${2 * n + 2} have failed`);
  }
  circuit.answered();
  circuit.failed(9);
  assert.equal(circuit.open(9), true);
  assert.equal(opened().open(0), true);
});

test('rare failures never open it, however many there are', () => {
  const circuit = new Circuit(SETTINGS);
  for (let n = 0; n < 200; n++) {
    if (n % 3 === 0) circuit.failed(n);
    else circuit.answered();
    assert.equal(circuit.open(n), false, `after ${n}`);
  }
});

test('after a pause one call at a time is a trial, and three that succeed in a row close it', () => {
  const circuit = opened();
  assert.deepEqual(
    [2999, 3000, 3001, 5999].map((now) => circuit.open(now)),
    [true, false, true, true],
  );
  circuit.failed(5999);
  assert.deepEqual(
    [6000, 8998, 8999].map((now) => circuit.open(now)),
    [true, true, false],
  );
  circuit.answered();
  assert.deepEqual(
    [9000, 9001].map((now) => circuit.open(now)),
    [false, true],
    'the next trial follows at once',
  );
  circuit.answered();
  assert.equal(circuit.isOpen, true);
  assert.equal(circuit.open(9001), false);
  circuit.answered();
  assert.equal(circuit.isOpen, false);
  assert.deepEqual(
    [9002, 9002, 9002].map((now) => circuit.open(now)),
    [false, false, false],
  );
  circuit.failed(9002);
  assert.equal(circuit.isOpen, false, 'what was before is forgotten');
});

test('a trial whose end nobody tells holds up the next one for a pause and no longer', () => {
  const circuit = opened();
  assert.deepEqual(
    [3000, 5999, 6000].map((now) => circuit.open(now)),
    [false, true, false],
  );
});

test('a call of long ago that fails now makes no pause shorter', () => {
  const circuit = opened();
  circuit.failed(2000);
  circuit.failed(10);
  assert.deepEqual(
    [4999, 5000].map((now) => circuit.open(now)),
    [true, false],
  );
});
