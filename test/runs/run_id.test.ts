import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { MOST_BYTES, runIdOf } from '../../functions/runs/run_id.ts';

test('a name that fits is the id of its run, as operators type it', () => {
  for (const name of ['r', 'canary-1', randomUUID(), 'n'.repeat(64), 'ü'.repeat(32)])
    assert.equal(runIdOf(name), name);
});

test('a name of EventBridge is shortened: it fits, begins as the name, and is always the same', () => {
  const event = randomUUID();
  const name = `${event}_${randomUUID()}`;
  assert.equal(name.length, 73);
  const id = runIdOf(name);
  assert.equal(Buffer.byteLength(id), MOST_BYTES);
  assert.ok(id.startsWith(event));
  assert.equal(runIdOf(name), id);
  assert.notEqual(runIdOf(`${event}_${randomUUID()}`), id);
});

test('any name makes an id that its columns take, and two names two ids', () => {
  const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(names, names, (one, other) => {
      assert.ok(Buffer.byteLength(runIdOf(one)) <= MOST_BYTES);
      assert.equal(runIdOf(one) === runIdOf(other), one === other);
    }),
    { numRuns: 30 },
  );
});
