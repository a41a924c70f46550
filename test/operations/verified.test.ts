import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifiedUpTo } from '../../functions/operations/verified.ts';
import type { Ended, Options, Outcome } from '../../functions/records/run.ts';

const ended = (started: number, outcome: Outcome, options: Options = { mode: 'content' }): Ended => ({
  ...{ id: `run-${started}`, kind: 'verify', collection: 'c', stamp: 's', phase: 'expand' },
  ...{ started, finished: started + 1, outcome, options },
});
const STOPPED = ended(9.5, 'stopped');
const upTo = (runs: Ended[]) =>
  verifiedUpTo({
    history: async () => runs,
    mismatches: async (run) =>
      run === STOPPED.id
        ? []
        : [5, 3, 4].map((firstSeen) => ({
            ...{ run, key: `k${firstSeen}`, verdict: 'mismatch', kind: 'stale', detail: '', seen: '' },
            ...{ looks: 2, firstSeen, lastSeen: 9 },
          })),
    projected: async (run) => [{ table: run, rows: 1, lenient: [] }],
  });

test('a mark is what a clean run over all keys has seen, and nothing less', async () => {
  assert.deepEqual(await upTo([]), { clean: null, contents: null, last: null, oldest: null });
  const part = { mode: 'content', range: { after: 'a', upTo: null } } as const;
  const { clean, last, oldest } = await upTo([
    STOPPED,
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

test('what a run by content has found stands until another one by content, over all keys, has not found it', async () => {
  const part = ended(9, 'clean', { mode: 'content', range: { after: 'k3', upTo: 'k4' } });
  const version = ended(8, 'clean', { mode: 'version' });
  const found = await upTo([part, version, ended(6, 'failures'), ended(5, 'clean')]);
  const { clean, contents, oldest } = found;
  assert.deepEqual([clean?.started, contents?.started, oldest?.key], [8, 5, 'k3']);
  // A run over a part of the keys has looked at these again.
  const whole = ended(9, 'clean', { mode: 'content', range: { after: null, upTo: 'k3' } });
  assert.equal((await upTo([whole, version, ended(6, 'failures')])).oldest?.key, 'k4');
  const refuted = await upTo([part, version, ended(7, 'clean'), ended(6, 'failures')]);
  assert.deepEqual([refuted.contents?.started, refuted.oldest], [7, null]);
});

test('rows of projections are told of the last run that has compared contents, also where it was not clean', async () => {
  const version = ended(8, 'clean', { mode: 'version' });
  const { projected } = await upTo([STOPPED, version, ended(6, 'failures'), ended(5, 'clean')]);
  assert.deepEqual(projected, [{ table: 'run-6', rows: 1, lenient: [] }]);
  assert.equal('projected' in (await upTo([version])), false);
});
