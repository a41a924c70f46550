import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../functions/records/run.ts';
import { runIdOf } from '../../functions/runs/run_id.ts';
import { parseStep, takeStep } from '../../functions/runs/step.ts';

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

test('each step is taken for the run that it names, and one of no run is refused', async () => {
  const taken: unknown[] = [];
  const ports = {
    run: async (id: string) => (id === 'r' ? ({ id } as Run) : null),
    begin: async (...given: unknown[]) => taken.push(['begin', ...given]),
    recheck: async ({ id }: Run) => taken.push(['recheck', id]),
    summarize: async ({ id }: Run) => taken.push(['summarize', id]),
  };
  // A run that is to begin need not be there.
  await takeStep({ step: 'begin', job: 'verify', run: 'new', input: { collection: 'orders' } }, ports);
  await takeStep({ step: 'recheck', run: 'r' }, ports);
  await takeStep({ step: 'summarize', run: 'r' }, ports);
  const expected = [
    ['begin', 'new', 'verify', { collection: 'orders' }],
    ['recheck', 'r'],
    ['summarize', 'r'],
  ];
  assert.deepEqual(taken, expected);
  for (const step of ['recheck', 'summarize'])
    await assert.rejects(takeStep({ step, run: 'gone' }, ports), {
      ...{ name: 'RunRefused', message: 'There is no run "gone"' },
    });
  await assert.rejects(takeStep({}, ports), { name: 'RunRefused' });
  assert.deepEqual(taken, expected);
});
