import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhaseChanged, requirePhase } from '../../functions/runs/phase_changed.ts';

test('a run goes on in the phase that it was begun in, and in no other', () => {
  const run = { id: 'r', kind: 'verify', collection: 'orders', phase: 'settle' } as const;
  requirePhase(run, 'settle');
  assert.throws(
    () => requirePhase(run, 'contract'),
    (error) => error instanceof PhaseChanged && /orders is in contract.*Abandon it/.test(error.message),
  );
});
