/** What is told of a run: from the rows of its shards and its findings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Noted, Tally, Verdict } from '../../functions/records/finding.ts';
import type { Kind, Run, ShardRow, Totals } from '../../functions/records/run.ts';
import { LANES } from '../../functions/runs/lanes.ts';
import { markerMetrics } from '../../functions/runs/marker_metrics.ts';
import {
  type Books,
  progressOf,
  summarize,
  summaryOf,
  verificationOf,
} from '../../functions/runs/summary.ts';
import { openOf, totalsOf } from './totals.ts';

const BEGUN = 1_000_000;
const runOf = (kind: Kind, options: Run['options'] = {}): Run => ({
  ...{ id: 'r', kind, collection: 'orders', options, stamp: '', phase: 'seal', started: BEGUN },
});
const row = (shard: number, given: Partial<ShardRow> = {}): ShardRow => ({
  ...{ shard, after: null, upTo: null, doneKey: null, state: 'done', changed: 0 },
  ...{ listed: 15, applied: 1, stale: 2, gone: 4, failed: 0, bytes: 100, ...given },
});
const tally = (verdict: Verdict, count: number, kind = 'body'): Tally => ({ verdict, kind, count });
const NOTED: Noted = {
  ...{ run: 'r', key: 'k', verdict: 'mismatch', kind: 'body', detail: 'a differs', seen: 's' },
  ...{ looks: 3, firstSeen: 5, lastSeen: 9 },
};

/** Books with these rows and tallies, and the ends that they were told of. */
function booksOf(rows: readonly ShardRow[], tallies: readonly Tally[] = []) {
  const ended: string[] = [];
  const given: string[] = [];
  const ledger = {
    totals: async () => totalsOf(rows),
    open: async (_: string, most: number) => openOf(rows, most),
    giveOut: async (run: string, most: number) => {
      given.push(`${run} ${most}`);
      return [7];
    },
    end: async (id: string, outcome: string, now: number) => ended.push(`${id} ${outcome} at ${now}`),
  };
  const findings = {
    of: async (_: string, verdict: Verdict, most: number) => {
      assert.deepEqual([verdict, most], ['mismatch', 20]);
      return [NOTED];
    },
    tally: async () => tallies,
  };
  return { ended, given, books: { ledger, findings } as unknown as Books };
}

test('a summary tells what the shards add up to', () => {
  const rows = [row(0), row(1, { state: 'open', failed: 8 }), row(2, { bytes: 1 })];
  assert.deepEqual(summaryOf(runOf('backfill'), totalsOf(rows)), {
    ...{ run: 'r', kind: 'backfill', open: [], shards: { done: 2, open: 1 }, outcome: 'unfinished' },
    ...{ listed: 45, applied: 3, stale: 6, gone: 12, failed: 8, bytes: 201 },
  });
});

test('a verification is clean where each document that differed at first has passed, and unfinished before the last is looked at', () => {
  const outcome = (rows: readonly ShardRow[], ...tallies: readonly Tally[]) =>
    verificationOf(runOf('verify'), totalsOf(rows), tallies, []).outcome;
  const done = [row(0, { failed: 2 }), row(1, { failed: 1 })];
  assert.equal(outcome([row(0)]), 'clean');
  assert.equal(outcome(done, tally('passed', 2), tally('passed', 1, 'expiry')), 'clean');
  assert.equal(outcome(done, tally('passed', 2), tally('mismatch', 1)), 'failures');
  assert.equal(outcome(done, tally('passed', 2), tally('busy', 1)), 'failures');
  assert.equal(outcome(done, tally('passed', 2), tally('left out', 1)), 'clean');
  assert.equal(outcome(done, tally('passed', 2)), 'failures', 'one was never looked at again');
  assert.equal(outcome(done, tally('passed', 3), tally('suspect', 1)), 'unfinished');
  assert.equal(outcome([...done, row(2, { state: 'open' })], tally('passed', 3)), 'unfinished');
});

test('a verification tells what differs by kind, what was busy, what nobody looked at again, and samples', () => {
  const tallies = [
    ...[tally('mismatch', 3), tally('mismatch', 2, 'expiry'), tally('passed', 5, 'version')],
    ...[tally('busy', 1, 'body'), tally('busy', 1, 'state')],
  ];
  const { verified } = verificationOf(runOf('verify'), totalsOf([row(0, { failed: 20 })]), tallies, [NOTED]);
  assert.deepEqual(verified, {
    ...{ mode: 'content', phase: 'seal', differences: { body: 3, expiry: 2 }, busy: 2, unchecked: 8 },
    ...{ leftOut: 0, byLists: 2 },
    samples: [{ key: 'k', kind: 'body', detail: 'a differs', firstSeen: 5 }],
  });
  const each = verificationOf(runOf('verify'), totalsOf([row(0, { stale: 0 })]), [], []);
  assert.equal(each.verified?.byLists, undefined);
  const counted = verificationOf(runOf('verify', { mode: 'count' }), totalsOf([row(0)]), [], []);
  assert.equal(counted.verified?.mode, 'count');
});

test('a verification tells the markers that it has met, and one by count none: it has not looked', () => {
  const markers = { count: 3, oldest: BEGUN };
  const told = (options: Run['options'], found: Totals['markers'] = markers) =>
    verificationOf(runOf('verify', options), { ...totalsOf([row(0)]), markers: found }, [], []);
  assert.deepEqual(told({}).verified?.markers, markers);
  assert.equal('markers' in told({}), false);
  const untold = [told({ mode: 'count' }), told({}, null)];
  for (const { verified } of untold) assert.equal(verified !== undefined && 'markers' in verified, false);
  const metrics = (options: Run['options'], summary = told(options)) =>
    markerMetrics({ options }, summary, BEGUN + 90_400);
  assert.deepEqual(metrics({ mode: 'version' }), { count: 3, age: 90 });
  assert.deepEqual(metrics({}, told({}, { count: 0, oldest: null })), { count: 0, age: 0 });
  assert.deepEqual(metrics({}, told({}, { count: 1, oldest: BEGUN + 99_000 }))?.age, 0, 'a clock ahead');
  for (const none of untold) assert.equal(metrics({}, none), null);
  assert.equal(metrics({ range: { after: 'a', upTo: null } }), null);
  assert.equal(metrics({}, { ...told({}), outcome: 'unfinished' }), null);
});

test('a run ends with its outcome once all of its shards are done, and not before', async () => {
  for (const [rows, outcome] of [
    [[row(0)], 'clean'],
    [[row(0, { failed: 1 })], 'failures'],
  ] as const) {
    const { ended, books } = booksOf(rows);
    assert.equal((await summarize(runOf('copyback'), books, 7)).outcome, outcome);
    assert.deepEqual(ended, [`r ${outcome} at 7`]);
  }
  const { ended, given, books } = booksOf([row(0), row(1, { state: 'open' })]);
  const { outcome, open } = await summarize(runOf('backfill'), books, 7);
  assert.deepEqual([outcome, open, ended], ['unfinished', [7], []]);
  assert.deepEqual(given, [`r ${LANES}`]);
});

test('a summary names no more open shards than there are lanes, and a look gives none of them out', async () => {
  const rows = Array.from({ length: 50_000 }, (_, n) => row(n, { state: 'open' }));
  const { given, books } = booksOf(rows);
  const { open, shards } = await progressOf(runOf('backfill'), books, BEGUN);
  assert.deepEqual([open.length, shards, given], [LANES, { done: 0, open: 50_000 }, []]);
});

test('only a verification asks for findings, and tells of them', async () => {
  const { books } = booksOf([row(0, { failed: 1 })], [tally('mismatch', 1)]);
  assert.equal((await summarize(runOf('verify'), books, 7)).verified?.samples.length, 1);
  assert.equal((await summarize(runOf('backfill'), books, 7)).verified, undefined);
});

test('progress tells the rate since the beginning, and when a shard was last moved on', async () => {
  const rows = [row(0, { listed: 900, changed: BEGUN + 5000 }), row(1, { listed: 101, changed: BEGUN + 9 })];
  const at = (milliseconds: number, all = rows) =>
    progressOf(runOf('backfill'), booksOf(all).books, BEGUN + milliseconds);
  const { rate, phase, started, changed, listed } = await at(10_000);
  assert.deepEqual(
    { rate, phase, started, changed, listed },
    { rate: 100, phase: 'seal', started: BEGUN, changed: BEGUN + 5000, listed: 1001 },
  );
  assert.deepEqual([(await at(999)).rate, (await at(1000)).rate], [0, 1001]);
  assert.equal((await at(10_000, [row(0)])).changed, BEGUN, 'one that no worker has taken');
});

test('lenient values are no difference, and a run that has found more of them than is tolerated is not clean', async () => {
  const figures = [{ table: 'T', rows: 1000, lenient: [{ column: 'C', nulled: 3, rounded: 1 }] }];
  const tallies = [tally('lenient', 4, 'projected'), tally('passed', 1)];
  const { books } = booksOf([row(0, { failed: 1 })], tallies);
  const told = async (above: boolean) => {
    const not = { table: 'T', column: 'C', lenient: 4, rows: 1000, tolerate: 5 };
    const summary = await summarize(
      runOf('verify'),
      { ...books, projected: { of: async () => figures } },
      7,
      (found) => {
        assert.equal(found, figures);
        return above ? [not] : [];
      },
    );
    return summary;
  };
  const clean = await told(false);
  assert.deepEqual(
    [clean.outcome, clean.verified?.unchecked, clean.verified?.projected],
    ['clean', 0, figures],
  );
  const above = await told(true);
  assert.deepEqual([above.outcome, above.verified?.notTolerated?.length], ['failures', 1]);
  const open = booksOf([row(0, { state: 'open' })]).books;
  const begun = await summarize(
    runOf('verify'),
    { ...open, projected: { of: async () => figures } },
    7,
    () => above.verified?.notTolerated ?? [],
  );
  assert.equal(begun.outcome, 'unfinished');
});
