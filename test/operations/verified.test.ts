import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifiedUpTo } from '../../functions/operations/verified.ts';
import type { Options } from '../../functions/runs/request.ts';
import type { Ended, Outcome } from '../../functions/stores/oracle/ledger_rows.ts';

const ended = (started: number, outcome: Outcome, options: Options = { mode: 'content' }): Ended => ({
  ...{ id: `run-${started}`, kind: 'verify', collection: 'c', stamp: 's', phase: 'expand' },
  ...{ started, finished: started + 1, outcome, options },
});
const upTo = (runs: Ended[]) =>
  verifiedUpTo({
    history: async () => runs,
    mismatches: async (run) =>
      [5, 3, 4].map((firstSeen) => ({
        ...{ run, key: `k${firstSeen}`, verdict: 'mismatch', kind: 'stale', detail: '', seen: '' },
        ...{ looks: 2, firstSeen, lastSeen: 9 },
      })),
  });

test('a mark is what a clean run over all keys has seen, and nothing less', async () => {
  assert.deepEqual(await upTo([]), { clean: null, last: null, oldest: null });
  const part = { mode: 'content', range: { after: 'a', upTo: null } } as const;
  const { clean, last, oldest } = await upTo([
    ended(9, 'stopped'),
    ended(8, 'clean', { mode: 'count' }),
    ended(7, 'clean', part),
    { ...ended(6.5, 'clean'), phase: 'legacy' },
    ended(6, 'clean', { mode: 'version' }),
  ]);
  assert.deepEqual([clean?.started, last?.started, oldest], [6, 8, null]);
});

test('the oldest difference of the last run is told beside the mark', async () => {
  const { clean, last, oldest } = await upTo([ended(9, 'failures'), ended(6, 'clean')]);
  assert.deepEqual([clean?.started, last?.outcome, oldest?.key], [6, 'failures', 'k3']);
});
