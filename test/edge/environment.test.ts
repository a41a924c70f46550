import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginsNamed, optional, variables } from '../../functions/edge/environment.ts';

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

test('which logins share a secret is told by the stack; without it, as before there were several, all do', () => {
  assert.deepEqual(loginsNamed(undefined), ['serve', 'work', 'control']);
  assert.deepEqual(loginsNamed('control,serve'), ['serve', 'control']);
  assert.throws(() => loginsNamed('control,chief'), /ORACLE_LOGINS names chief, which is no login/);
});
