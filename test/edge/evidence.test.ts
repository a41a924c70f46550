/** From the rows of runs to the decision: which verification opens which gate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, helpful } from '../../functions/control/decide.ts';
import type { Container } from '../../functions/edge/container.ts';
import { lookOver } from '../../functions/edge/controller.ts';
import { gatherEvidence } from '../../functions/edge/evidence.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { NOTHING_FOUND, type Walk } from '../../functions/records/preflight.ts';
import type { Ended, Kind, Options, Outcome } from '../../functions/records/run.ts';
import { mappingStamp } from '../../functions/runs/stamp.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { evidenceStores, MAPPING, STAMP } from './evidence_stores.ts';

const TIMES = { now: 1_000_000, bake: 50_000, redelivery: 120_000 };
const QUEUES = { RECEIPTS_QUEUE: 'receipts', DEAD_LETTERS_QUEUE: 'dead' };
const TARGET = { store: 'oracle', operation: 'read', collection: 'orders', key: null } as const;
const PART = { after: 'canary/', upTo: 'canary0' };

const ended = (
  kind: Kind,
  phase: Phase,
  started: number,
  options: Options,
  outcome: Outcome = 'clean',
): Ended => ({
  ...{ id: `${kind}-${started}`, kind, collection: 'orders', options, stamp: STAMP, phase, outcome },
  ...{ started, finished: started + 1 },
});
const verified = (phase: Phase, started: number, options: Options, outcome?: Outcome) =>
  ended('verify', phase, started, options, outcome);

/** Stores that answer, with this history of runs. */
function storesWith(runs: readonly Ended[], unsettled: Readonly<Record<string, number>> = {}) {
  const latest = [...runs].sort((a, b) => b.started - a.started);
  return evidenceStores({
    findings: { unsettled: async (run, collection) => unsettled[`${run} of ${collection}`] ?? 1 },
    ledger: {
      history: async (wanted) => latest.filter(({ kind }) => kind === wanted),
      underWay: async () => [],
    },
  });
}

async function decided(
  from: Phase,
  wanted: Phase,
  runs: readonly Ended[],
  unsettled: Readonly<Record<string, number>> = {},
) {
  const queues = { send: async () => ({ Attributes: {} }) } as never;
  const gather = () =>
    gatherEvidence(storesWith(runs, unsettled), 'orders', queues, QUEUES, new Reach(() => true), from);
  const effective = { phase: from, since: 0, by: 'test' };
  const decision = await decide(ROUTES[wanted].flags, effective, TIMES, gather);
  const conditions = 'conditions' in decision ? decision.conditions : [];
  return { kind: decision.kind, conditions, starts: helpful(conditions) };
}

/** What each gate needs beside the verification, and how much it has to compare. */
const GATES = [
  { from: 'expand', wanted: 'settle', needs: 'content', beside: [ended('backfill', 'expand', 200_000, {})] },
  { from: 'seal', wanted: 'settle', needs: 'version', beside: [] },
  { from: 'switch', wanted: 'expand', needs: 'version', beside: [ended('copyback', 'switch', 200_000, {})] },
  { from: 'settle', wanted: 'contract', needs: 'content', beside: [] },
] as const;

test('a run that compared versions opens no gate that needs contents, and one that compared contents opens all', async () => {
  for (const { from, wanted, needs, beside } of GATES)
    for (const mode of ['count', 'version', 'content'] as const) {
      const { kind, conditions, starts } = await decided(from, wanted, [
        ...beside,
        verified(from, 600_000, { mode }),
      ]);
      const opens = mode === 'content' || mode === needs;
      assert.equal(kind, opens ? 'move' : 'wait', `${from}, ${mode}`);
      const started = { job: 'verify', input: { collection: 'orders', mode: needs, ifPossible: true } };
      assert.deepEqual(starts, opens ? [] : [started]);
      const { measured = '', name = '' } = conditions.at(-1) ?? {};
      assert.equal(name, `verification of orders by ${needs}`);
      if (mode === 'count') assert.match(measured, /none yet/);
      else if (opens)
        assert.match(measured, new RegExp(`verify-600000 of .* compared ${mode}s and was clean`));
      else assert.match(measured, /verify-600000 of .* was a version run; contents are needed/);
    }
});

test('a backfill that has set documents aside opens its gate once all of them are settled; a copy-back does not', async () => {
  const proof = verified('expand', 600_000, { mode: 'content' });
  const backfill = ended('backfill', 'expand', 200_000, {}, 'failures');
  assert.equal((await decided('expand', 'settle', [backfill, proof])).kind, 'wait');
  const settled = { 'backfill-200000 of orders': 0 };
  assert.equal((await decided('expand', 'settle', [backfill, proof], settled)).kind, 'move');
  // Another one was begun later, and has set others aside.
  const later = ended('backfill', 'expand', 300_000, {}, 'failures');
  assert.equal((await decided('expand', 'settle', [backfill, later, proof], settled)).kind, 'wait');
  // A canary says nothing of the others.
  const part = ended('backfill', 'expand', 300_000, { range: PART }, 'failures');
  assert.equal((await decided('expand', 'settle', [backfill, part, proof], settled)).kind, 'move');
  // No verification comes between it and `switch`.
  const copyback = ended('copyback', 'settle', 200_000, {}, 'failures');
  const none = { 'copyback-200000 of orders': 0 };
  assert.equal((await decided('settle', 'expand', [copyback], none)).kind, 'wait');
});

test('a run over a part of the keys opens no gate, whatever it compared', async () => {
  for (const { from, wanted, beside } of GATES) {
    const part = verified(from, 600_000, { mode: 'content', range: PART });
    assert.equal((await decided(from, wanted, [...beside, part])).kind, 'wait', from);
    const halves = beside.map((run) => ({ ...run, options: { range: PART } }));
    const whole = verified(from, 600_000, { mode: 'content' });
    const kinds = await decided(from, wanted, [...halves, whole]);
    assert.equal(kinds.kind, halves.length > 0 ? 'wait' : 'move', from);
  }
});

test('a later run that compared less hides no earlier one that counts, unless it has found a difference', async () => {
  for (const { from, wanted, beside } of GATES) {
    const whole = verified(from, 500_000, { mode: 'content' });
    const after = async (...later: Ended[]) =>
      (await decided(from, wanted, [...beside, whole, ...later])).kind;
    assert.equal(await after(verified(from, 600_000, { mode: 'version' })), 'move', from);
    assert.equal(await after(verified(from, 600_000, { mode: 'content', range: PART })), 'move', from);
    assert.equal(await after(verified(from, 600_000, { mode: 'count' })), 'move', from);
    assert.equal(await after(verified(from, 600_000, { mode: 'content' }, 'stopped')), 'move', from);
    assert.equal(await after(verified(from, 600_000, { mode: 'version' }, 'failures')), 'wait', from);
    const mended = verified(from, 700_000, { mode: 'version' });
    const found = verified(from, 600_000, { mode: 'content' }, 'failures');
    assert.equal(await after(found), 'wait', from);
    // What only contents show, a comparison of versions does not refute.
    const needsContents = from === 'expand' || from === 'settle';
    assert.equal(await after(found, mended), needsContents ? 'wait' : 'move', from);
  }
});

test('in legacy the looks at all documents are evidence, of the collection as it is mapped now', async () => {
  const found = { ...NOTHING_FOUND, checked: 9, tooLarge: 2 };
  const walk: Walk = {
    ...{ collection: 'orders', range: { after: null, upTo: null }, stamp: mappingStamp(MAPPING), epoch: 1 },
    ...{ state: 'done', doneKey: 'z', started: 1, changed: 2, found, largeBefore: 0, accepted: 0 },
    acceptedOrphans: 0,
  };
  const queues = { send: async () => ({ Attributes: {} }) } as never;
  const preflightIn = async (phase: Phase, walks: Walk[]) => {
    const stores = evidenceStores({ preflights: { all: async () => walks, of: async () => walks } });
    const all = await gatherEvidence(stores, 'orders', queues, QUEUES, new Reach(() => true), phase);
    return 'missing' in all ? assert.fail(all.missing) : all.preflight;
  };
  assert.equal((await preflightIn('legacy', [walk]))?.tooLarge, 2);
  assert.equal((await preflightIn('legacy', [{ ...walk, stamp: '.another' }]))?.tooLarge, 0);
  assert.equal(await preflightIn('expand', [walk]), undefined);
});

test('what certifications and looks before a backfill have found is asked once in a look, however many collections are in legacy', async () => {
  const asked = { preflights: 0, certificates: 0 };
  let fails = true;
  const stores = evidenceStores({
    preflights: {
      all: async () => {
        asked.preflights++;
        if (fails) throw new StoreUnavailable(TARGET, false, new Error('gone'));
        return [];
      },
      of: async () => assert.fail('asked for one collection'),
    },
    certificate: {
      latest: async () => {
        asked.certificates++;
        return [];
      },
      of: async (_, latest = async () => assert.fail('asked for one collection')) => {
        await latest();
        return { wanted: 'whole', last: null, voids: [] };
      },
    },
  });
  const queues = { send: async () => ({ Attributes: {} }) };
  const parts = { stores, queues, now: () => 0 } as unknown as Container;
  const look = lookOver(parts, QUEUES, new Reach(() => true));
  assert.ok('missing' in (await look.evidence('orders', 'legacy')));
  // What has failed is asked again.
  fails = false;
  for (const name of ['orders', 'items', 'carts']) {
    const found = await look.evidence(name, 'legacy');
    assert.ok(!('missing' in found) && found.certificate?.wanted === 'whole', name);
  }
  assert.deepEqual(asked, { preflights: 2, certificates: 1 });
});

test('in every phase the change feed is told, so that plan says in legacy what expand will wait for', async () => {
  const queues = { send: async () => ({ Attributes: {} }) } as never;
  const stores = evidenceStores({ feedOf: () => ({ quiet: 1000, silent: 5000 }) });
  for (const phase of ['legacy', 'expand', 'contract'] as const) {
    const all = await gatherEvidence(stores, 'orders', queues, QUEUES, new Reach(() => true), phase);
    const feed = 'missing' in all ? assert.fail(all.missing) : all.feed;
    assert.deepEqual(feed, { quiet: 1000, silent: 5000, seen: null, foreign: [] }, phase);
  }
});
