import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../functions/control/decide.ts';
import type { Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { waitsOf } from '../../functions/control/hold.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { LoadSummary } from '../../functions/runs/load.ts';
import type { Progress } from '../../functions/runs/summary.ts';
import { overviewLines, planLines } from '../../infra/console/told/phases.ts';
import { verifyLines } from '../../infra/console/told/runs.ts';

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

test('status tells how many markers of deletions a verification has met, and since when the oldest lay there', () => {
  const told = (markers?: RunEvidence['markers']) =>
    lines(overview({}, [verified('v', markers === undefined ? {} : { markers })])).filter((line) =>
      /Couchbase at its first look/.test(line),
    );
  assert.deepEqual(told(), []);
  assert.deepEqual(told({ count: 0, oldest: null }), [
    '    No marker of a deletion lay in Couchbase at its first look.',
  ]);
  assert.deepEqual(told({ count: 1, oldest: 0 }), [
    '    1 marker of a deletion lay in Couchbase at its first look, since 1970-01-01T00:00:00.000Z.',
  ]);
  assert.deepEqual(told({ count: 12, oldest: 60_000 }), [
    '    12 markers of deletions lay in Couchbase at its first look, the oldest since 1970-01-01T00:01:00.000Z.',
  ]);
  const found = {
    mode: 'version',
    phase: 'legacy',
    differences: {},
    busy: 0,
    unchecked: 0,
    samples: [],
  } as const;
  const summary = {
    ...progress({}),
    outcome: 'clean',
    verified: { ...found, markers: { count: 1, oldest: 0 } },
  } as const;
  assert.deepEqual(verifyLines(summary).slice(1), [
    'No mark of a deletion is left.',
    '  1 marker of a deletion lay in Couchbase at its first look, since 1970-01-01T00:00:00.000Z.',
  ]);
  const listed = { ...summary, listed: 1000, verified: { ...found, phase: 'seal', byLists: 990 } } as const;
  assert.match(
    verifyLines(listed).join(),
    /1000 keys\. 990 of them by the lists of both stores; documents that were looked at: 10\.,Both/,
  );
});

test('status tells of writes without durability until a verification has proven them', () => {
  const told = (verifications: readonly RunEvidence[]) => {
    const seen = overview({}, verifications);
    const evidence = seen.evidence as Evidence;
    const collection = { ...evidence.collection, notDurable: 60_000 };
    return lines({ ...seen, evidence: { ...evidence, collection } }).filter((line) =>
      /NOT_DURABLE/.test(line),
    );
  };
  assert.deepEqual(told([verified('before', { started: 62_999 })]), [
    '  NOT_DURABLE: up to 1970-01-01T00:01:03.000Z writes may lie on one node of Couchbase alone, or be lost: they were not durable, a node has ' +
      'failed over, or another store was accepted. Gates wait for a clean verification that begins ' +
      'after that: npx crossfade verify start orders --mode content',
  ]);
  assert.deepEqual(told([verified('after', { started: 63_000 })]), []);
});

test('plan shows from the beginning of a bake what else the move waits for, and whose it is to start', async () => {
  const times = { now: NOW, bake: 50_000, redelivery: 120_000 };
  const effective = { phase: 'expand', since: NOW + 16_000, by: 'test' } as const;
  const { evidence } = overview({});
  const gather = async () => evidence as Evidence;
  const decision = await decide(ROUTES.settle.flags, effective, times, gather, true);
  const told = planLines([overview({ effective, decision })], { bake: 50_000, request: 20_000 });
  assert.deepEqual(told, [
    'orders: from expand to settle, 3 moves',
    '  1. expand → seal',
    '       WAITS  bake: 66 s are left; then the controller looks, once a minute or more often',
    '       WAITS  backfill of orders: none yet; yours to start once the bake is over: npx crossfade backfill start orders',
    '       WAITS  verification of orders by content: none yet; the controller starts it, once all above holds',
    '       back from seal: to expand as soon as the bake is over, without a store',
    '  2. seal → switch',
    '       will wait for: bake, receipts, dead letters, verification of orders by version',
    '       back from switch: to seal after receipts, dead letters, copy-back of orders, verification of orders by version',
    '  3. switch → settle',
    '       will wait for: bake',
    '       back from settle: to switch after copy-back of orders',
    'A move comes 70 s after the one before, at the earliest: publishing takes 20 s, and the bake 50 s. Then the controller looks, once a minute or more often.',
  ]);
  const status = overviewLines([overview({ effective, decision })], NOW).join('\n');
  assert.match(status, / {4}WAITS {2}backfill of orders: none yet; yours to start once/);
});

test('plan names the operator’s part of moves that are to come', async () => {
  const times = { now: NOW, bake: 50_000, redelivery: 120_000 };
  const effective = { phase: 'legacy', since: 0, by: 'test' } as const;
  const gather = async () => overview({}).evidence as Evidence;
  const decision = await decide(ROUTES.settle.flags, effective, times, gather, true);
  const told = planLines([overview({ effective, decision })], { bake: 50_000, request: 20_000 });
  assert.equal(told[5], '       back from expand: to legacy as soon as the bake is over, without a store');
  assert.deepEqual(told.slice(6, 9), [
    '  2. expand → seal',
    '       will wait for: bake, backfill of orders, verification of orders by content',
    '       yours to start: npx crossfade backfill start orders',
  ]);
});

test('status tells once, for all collections, why bulk work pauses, and what is not watched', () => {
  const load: LoadSummary = {
    ...{ at: NOW - 1000, values: ['fast recovery area 91 %'], pauses: ['fast recovery area 91 %. Back up'] },
    ...{ slowdowns: ['undo in use 70 %: 50 % of the pace'], notGranted: ['temp'], unknown: ['x (ORA-1)'] },
  };
  const told = (at: number) => {
    const all = ['orders', 'carts'].map((collection) => overview({ collection, load: { ...load, at } }));
    const text = lines(...all);
    return text.slice(text.findIndex((line) => line.startsWith('bulk work')));
  };
  assert.deepEqual(told(NOW - 1000), [
    'bulk work     PAUSED, and goes on by itself: fast recovery area 91 %. Back up',
    '              slower: undo in use 70 %: 50 % of the pace',
    '              could not be read: x (ORA-1)',
    '              not watched: TEMP in use. The user of the functions lacks the right: npx crossfade preflight NAME prints the grants',
  ]);
  assert.equal(told(0)[0], 'bulk work     read at 1970-01-01T00:00:00.000Z, by the last run');
  assert.ok(lines(overview({})).every((line) => !line.startsWith('bulk work')));
});

test('status says which store writes go on without, and since when', () => {
  const away = { store: 'oracle', since: SINCE, at: NOW - 42_000 } as const;
  assert.equal(
    lines(overview({ away }))[2],
    '  AWAY     oracle fails or is slow: writes are acknowledged without it, by their receipts, since 1970-01-01T01:46:40.000Z, last seen 42 s ago',
  );
  assert.ok(!lines(overview({})).some((line) => line.includes('AWAY')));
});

test('status says of each connection whether it is encrypted, and against what its certificate is checked', () => {
  const well = { encrypted: true, verified: true, how: 'the certificate by The CA' };
  const told = (connections: Overview['connections']) => {
    const all = lines(overview({ connections } as Partial<Overview>));
    return all.slice(all.findIndex((line) => line.startsWith('connections')));
  };
  assert.deepEqual(told({ couchbase: well, oracle: { encrypted: false, verified: false, how: 'no TCPS' } }), [
    'connections   couchbase: TLS, checked: the certificate by The CA',
    '              oracle: INSECURE, no TLS: no TCPS',
  ]);
  const unchecked = { encrypted: true, verified: false, how: 'off' };
  assert.deepEqual(told({ couchbase: null, oracle: unchecked }), [
    'connections   oracle: INSECURE, TLS that is not checked: off',
  ]);
  assert.deepEqual(told({ couchbase: null, oracle: 'The secret is no JSON' }), [
    'connections   oracle: UNKNOWN: The secret is no JSON',
  ]);
});

test('status and plan say that a move is ready, who holds it, and how it is committed', async () => {
  const holding = {
    hold: { before: ['seal' as const], by: 'user/ann', at: NOW - 60_000, why: 'not on a Friday' },
    ...{ commit: null, version: 1 },
  };
  const moves = { holds: [], windows: [], holding };
  const waits = { collection: 'orders', settings: moves, holding, passage: 1000, guard: null };
  const effective = { phase: 'expand', since: SINCE, by: 'test' } as const;
  const times = { now: NOW, bake: 1000, redelivery: 1000 };
  const proven: Partial<RunEvidence> = { started: NOW - 1000, finished: NOW - 500 };
  const backfills = [verified('b', { started: SINCE + 2000, finished: SINCE + 3000, mode: null })];
  const tell = async (backfilled: boolean) => {
    const seen = overview({ moves, effective }, [verified('v', proven)]);
    const evidence = seen.evidence as Evidence;
    const all = {
      ...evidence,
      collection: { ...evidence.collection, backfills: backfilled ? backfills : [] },
    };
    const beside = (to: Phase) => waitsOf({ from: 'expand', to, version: 1, since: 0 }, waits, NOW);
    const decision = await decide(ROUTES.settle.flags, effective, times, async () => all, true, {
      waits: beside,
    });
    return {
      status: lines({ ...seen, decision }),
      plan: planLines([{ ...seen, decision }], { bake: 1, request: 1 }),
    };
  };
  const why = 'held by user/ann since 1970-01-01T02:45:40.000Z, because not on a Friday';
  const { status, plan } = await tell(true);
  assert.ok(status.includes(`  READY    for seal; ${why}`), status.join('\n'));
  assert.ok(
    status.includes(`    WAITS  hold: ${why}; yours to give: npx crossfade commit orders`),
    status.join('\n'),
  );
  assert.ok(plan.includes(`  READY    for seal; ${why}`));
  assert.ok(!(await tell(false)).status.join().includes('READY'));
});
