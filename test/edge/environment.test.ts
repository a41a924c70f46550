import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadEnvironment, containersIn, variables } from '../../functions/edge/environment.ts';

test('of the environment only what is asked for is told, and all that is missing is named at once', () => {
  assert.deepEqual(variables({ A: '1', B: '2', C: '3' }, ['A', 'B']), { A: '1', B: '2' });
  assert.throws(() => variables({ A: '1', B: '' }, ['A', 'B', 'C']), {
    name: 'BadEnvironment',
    message: /^The function lacks B, C in its environment/,
  });
});

test('the number of containers is a whole one, or the function says what is wrong', () => {
  assert.equal(containersIn('29'), 29);
  for (const text of ['0', '-1', '1.5', 'many', 'NaN'])
    assert.throws(
      () => containersIn(text),
      (error) =>
        error instanceof BadEnvironment && /CONTAINERS .* deploy the stack again/.test(error.message),
      text,
    );
});
