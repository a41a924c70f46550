import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../functions/control/evidence.ts';
import { atRisk } from '../../functions/operations/at_risk.ts';
import type { Options } from '../../functions/runs/request.ts';
import type { Noted } from '../../functions/stores/oracle/findings.ts';
import type { Ended, Outcome } from '../../functions/stores/oracle/ledger_rows.ts';

const ended = (started: number, outcome: Outcome, options: Options): Ended => ({
  ...{ id: `run-${started}`, kind: 'verify', collection: 'c', stamp: 's', phase: 'settle' },
  ...{ started, finished: started + 1, outcome, options },
});

async function risk(runs: readonly Ended[]) {
  const { keys, compared } = await atRisk({
    evidence: async () => ({ receipts: {}, deadLetters: 0 }) as Evidence,
    letters: async () => [],
    verifications: async () => runs,
    mismatches: async (run) => [{ run, key: `of ${run}`, kind: 'stale', detail: '' }] as unknown as Noted[],
  });
  return [keys.map(({ key }) => key), compared?.id ?? null];
}

test('a clean run over a part of the keys, or by version, hides nothing that contents have shown', async () => {
  const part = ended(9, 'clean', { mode: 'content', range: { after: 'a', upTo: 'b' } });
  const version = ended(8, 'clean', { mode: 'version' });
  const found = ended(7, 'failures', { mode: 'content' });
  assert.deepEqual(await risk([part, version, found]), [['of run-7'], 'run-8']);
  assert.deepEqual(await risk([part]), [[], null]);
  const again = ended(10, 'failures', { mode: 'content', range: { after: 'b', upTo: null } });
  assert.deepEqual(await risk([again, part, found]), [['of run-10', 'of run-7'], 'run-7']);
  assert.deepEqual(await risk([again, ended(9.5, 'clean', { mode: 'content' }), found]), [
    ['of run-10'],
    'run-9.5',
  ]);
});
