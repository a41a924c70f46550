import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StateFailed } from '../../infra/local/states/language.ts';
import { query } from '../../infra/local/states/query.ts';

const states = { input: { open: [1, 2] }, context: {} };
const fails = (text: string) =>
  assert.rejects(query(text, states), (error) => error instanceof StateFailed, `${text} was evaluated`);

test('expressions are evaluated wherever they are, and all else stays as it is', async () => {
  assert.deepEqual(await query({ a: ['{% $count($states.input.open) %}', 'text', 3], b: null }, states), {
    a: [2, 'text', 3],
    b: null,
  });
  await fails('{% $states.input.nothing %}');
});

test('what JSONata had only after the version of Step Functions, 2.0.6, is refused here as it is there', async () => {
  await fails('{% $states.input.nothing ?? 2 %}');
  await fails('{% $states.input.open ?: 2 %}');
});

test('functions that Step Functions leaves out are refused', async () => {
  await fails('{% $eval("1") %}');
});
