import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portsToCopyBack } from '../../functions/copyback/ports.ts';
import { CallFailed } from '../../functions/protocol/call.ts';
import { PhaseChanged } from '../../functions/runs/phase_changed.ts';
import type { Both, Work } from '../../functions/runs/ports.ts';
import { WHOLE } from '../../functions/stores/selection.ts';

/** The port that makes both stores agree about a key, and the calls that it has made. */
function converging(permit: Work['permit']) {
  const calls: PropertyKey[] = [];
  const store = new Proxy({}, { get: (_, name) => async () => calls.push(name) });
  const both = {
    couchbase: store,
    oracle: store,
    selection: WHOLE,
    table: {},
    database: {},
  } as unknown as Both;
  const run = { collection: 'orders', options: {}, phase: 'switch' } as const;
  const work = { permit, timely: () => true, timeout: 1000, now: () => 0 } as unknown as Work;
  return { calls, converge: portsToCopyBack(both, work, run, async () => true).converge };
}

test('each key of a batch is copied back under a look at the phase of its own, and in the time after it', async () => {
  const over = converging(async () => {
    throw new PhaseChanged('The phase is over');
  });
  await assert.rejects(over.converge('k'), PhaseChanged);
  const late = converging(async () => ({ timely: () => false, holds: () => false }));
  await assert.rejects(late.converge('k'), CallFailed);
  assert.deepEqual([over.calls, late.calls], [[], []]);
});
