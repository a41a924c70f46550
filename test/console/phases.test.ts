import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvidence } from '../../functions/control/evidence.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Progress } from '../../functions/runs/summary.ts';
import { overviewLines } from '../../infra/console/told/phases.ts';

const NOW = 10_000_000;
/** When the present stay in `expand` began. */
const SINCE = NOW - 3_600_000;

const progress = (given: Partial<Progress>): Progress => ({
  ...{ run: 'run-1', kind: 'verify', outcome: 'unfinished', shards: { done: 0, open: 2 }, open: [0, 1] },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0, rate: 0 },
  ...{ phase: 'expand', started: SINCE + 60_000, changed: NOW - 1000, ...given },
});
const verified = (id: string, given: Partial<RunEvidence>): RunEvidence => ({
  ...{ id, phase: 'expand', started: 0, finished: 1, clean: true, mode: 'content', range: null, ...given },
});
const overview = (given: Partial<Overview>, verifications: readonly RunEvidence[] = []): Overview => ({
  ...{ collection: 'orders', wish: null, effective: { phase: 'expand', since: SINCE, by: 'test' }, runs: [] },
  decision: { kind: 'arrived', phase: 'expand' },
  evidence: {
    receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
    ...{
      deadLetters: 0,
      unread: 0,
      collection: { name: 'orders', backfills: [], copybacks: [], verifications },
    },
  },
  ...given,
});
const lines = (...all: Overview[]) => overviewLines(all, NOW);

test('status names the command that frees the place of a run which can come to no end', () => {
  const told = (run: Progress) => lines(overview({ runs: [run] }))[3] ?? '';
  assert.equal(told(progress({})), '');
  const over = told(progress({ started: SINCE - 1, kind: 'copyback' }));
  assert.match(over, /in a stay that is over: .* npx crossfade copy-back abandon orders$/);
  assert.match(told(progress({ phase: 'seal' })), /begun in seal .* npx crossfade verify abandon orders$/);
  const still = told(progress({ changed: NOW - 180_000 }));
  assert.match(still, /not moved for 3 min\. .*npx crossfade verify resume orders .*verify abandon orders/);
  // Suspects are looked at again, which moves no shard.
  assert.equal(told(progress({ changed: NOW - 180_000, shards: { done: 2, open: 0 } })), '');
  assert.match(told(progress({ changed: 0, shards: { done: 2, open: 0 } })), /not moved for 166 min/);
});

test('status says what was compared, and does not hide a run by content behind a later one by version', () => {
  const version = verified('v', { mode: 'version', started: 120_000 });
  const part = verified('p', { range: { after: null, upTo: 'm' }, started: 180_000 });
  const told = lines(overview({}, [part, version, verified('c', { clean: false })]));
  assert.deepEqual(told.slice(2, 4), [
    '  verified 1970-01-01T00:02:00.000Z, in expand, by version: clean',
    '  verified 1970-01-01T00:00:00.000Z, in expand, by content: NOT CLEAN',
  ]);
});
