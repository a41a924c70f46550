import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhaseChanged, requirePhase } from '../../functions/runs/phase_changed.ts';

const RUN = { id: 'r', kind: 'verify', collection: 'orders', phase: 'settle', started: 150_000 } as const;

test('a run goes on in the stay that it was begun in, and in no other', () => {
  requirePhase(RUN, { phase: 'settle', since: 100_000 });
  for (const [stay, said] of [
    [
      { phase: 'contract', since: 200_000 },
      /orders is in contract, and the verify r was begun in settle\. Abandon it/,
    ],
    // There and back.
    [
      { phase: 'settle', since: 300_000 },
      /was begun in settle before 1970-01-01T00:05:00.000Z, in an earlier stay\. Abandon it/,
    ],
  ] as const)
    assert.throws(
      () => requirePhase(RUN, stay),
      (error) => error instanceof PhaseChanged && said.test(error.message),
    );
});
