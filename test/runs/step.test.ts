import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runIdOf } from '../../functions/runs/run_id.ts';
import { parseStep } from '../../functions/runs/step.ts';

test('a run begins under the id of its execution, and its later steps name that id', () => {
  const name = 'x'.repeat(80);
  const begin = { step: 'begin', job: 'copy', run: name, input: { collection: 'orders' } };
  assert.deepEqual(parseStep(begin), { ...begin, run: runIdOf(name) });
  for (const step of ['recheck', 'summarize'])
    assert.deepEqual(parseStep({ step, run: runIdOf(name) }), { step, run: runIdOf(name) });
});

test('what is no step is refused, with what is wrong with it', () => {
  for (const value of [
    null,
    {},
    { step: 'end', run: 'r' },
    { step: 'recheck' },
    { step: 'recheck', run: '' },
    { step: 'recheck', run: 'r', input: {} },
    // No id has so many bytes.
    { step: 'summarize', run: 'é'.repeat(33) },
    { step: 'begin', job: 'delete', run: 'r', input: {} },
    { step: 'begin', job: 'copy', run: 'x'.repeat(81), input: {} },
  ])
    assert.throws(() => parseStep(value), { name: 'RunRefused', message: /^This is no step of a run: / });
});
