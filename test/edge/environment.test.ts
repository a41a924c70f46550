import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optional, variables } from '../../functions/edge/environment.ts';

test('of the environment only what is asked for is told, and all that is missing is named at once', () => {
  assert.deepEqual(variables({ A: '1', B: '2', C: '3' }, ['A', 'B']), { A: '1', B: '2' });
  // Code and environment of a function change one after the other: the version before does not know it, and it may be missing.
  assert.deepEqual(variables({ A: '1', KEYS_SECRET: 'k' }, ['A']), { A: '1', KEYS_SECRET: 'k' });
  assert.throws(() => variables({ A: '1', B: '' }, ['A', 'B', 'C']), {
    name: 'BadEnvironment',
    message: /^The function lacks B, C in its environment/,
  });
});

test('what the version before did not set may be missing', () => {
  assert.deepEqual(optional({ A: '1', B: '2' }, 'A'), { A: '1' });
  assert.deepEqual([optional({ A: '' }, 'A'), optional({}, 'A')], [{}, {}]);
});
