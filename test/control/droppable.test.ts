/** Which tombstones may be dropped, by the phase and by what is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Droppable, droppable } from '../../functions/control/droppable.ts';
import type { CollectionEvidence, Evidence, Missing, RunEvidence } from '../../functions/control/evidence.ts';
import type { EffectivePhase } from '../../functions/phases/effective_phase.ts';
import type { Phase } from '../../functions/protocol/phase.ts';

const DAY = 86_400_000;
const [NOW, BAKE, LIFE] = [1000 * DAY, 50_000, 30];
const UNTIL = NOW - LIFE * DAY;

const at = (phase: Phase, days: number, more: Partial<EffectivePhase> = {}): EffectivePhase => ({
  ...{ phase, since: NOW - days * DAY, by: 'a test' },
  ...more,
});

const run = (phase: Phase, days: number, more: Partial<RunEvidence> = {}): RunEvidence => ({
  ...{ id: `${days}`, phase, started: NOW - days * DAY, finished: NOW - days * DAY + 1000 },
  ...({ clean: true, mode: 'version', range: null } as const),
  ...more,
});

const evidence = (verifications: RunEvidence[], more: Partial<Evidence> = {}): Evidence => ({
  receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
  ...{ deadLetters: 0, unread: 0 },
  collection: { name: 'orders', backfills: [], copybacks: [], verifications } as CollectionEvidence,
  ...more,
});

const bounds = (effective: EffectivePhase, found: Evidence | Missing) =>
  droppable(effective, found, { now: NOW, bake: BAKE }, LIFE) as Droppable;
const refusal = (effective: EffectivePhase, found: Evidence | Missing) =>
  (droppable(effective, found, { now: NOW, bake: BAKE }, LIFE) as { refused?: string }).refused;

test('where Couchbase orders the keys, age alone decides, and nothing is dropped of keys that Oracle orders', () => {
  for (const phase of ['legacy', 'expand', 'seal', 'switch'] as const)
    assert.deepEqual(bounds(at(phase, 100), evidence([run('settle', 1)])), {
      ...{ until: UNTIL, agreed: null, created: null, held: null },
    });
});

test('in settle a clean verification of this stay shows which deletions Couchbase has', () => {
  const settle = at('settle', 100);
  assert.equal(bounds(settle, evidence([run('settle', 60)])).agreed, NOW - 60 * DAY - BAKE);
  // What is younger than the life is kept all the same.
  assert.equal(bounds(settle, evidence([run('settle', 1)])).agreed, UNTIL);
  for (const runs of [
    [],
    [run('settle', 200)],
    [run('switch', 60)],
    [run('settle', 60, { clean: false })],
    [run('settle', 60, { mode: 'count' })],
    [run('settle', 60, { range: { after: null, upTo: 'k' } })],
    [run('settle', 50, { clean: false }), run('settle', 60)],
    [run('settle', -1)],
  ]) {
    const { agreed, held } = bounds(settle, evidence(runs));
    assert.deepEqual([agreed, held?.slice(0, 22)], [null, 'No clean verification ']);
  }
});

test('in contract the last verification of settle counts, and what was created there was never in Couchbase', () => {
  const { agreed, created } = bounds(
    at('contract', 100),
    evidence([run('contract', 3, { clean: false }), run('settle', 101)]),
  );
  assert.deepEqual([agreed, created], [NOW - 101 * DAY - BAKE, NOW - 100 * DAY + BAKE + 3_600_000]);
  const away = bounds(at('contract', 100), { missing: 'couchbase does not answer' });
  assert.equal(away.agreed, null);
  assert.match(away.held ?? '', /couchbase does not answer/);
  assert.notEqual(away.created, null);
});

test('writes without durability void what a verification has shown; another store and unhealed force refuse all', () => {
  const found = evidence([run('settle', 60)]);
  const collection = { ...found.collection, notDurable: NOW - DAY };
  assert.equal(bounds(at('settle', 100), { ...found, collection }).agreed, null);
  // Another Oracle was accepted in this stay: it may lack rows of keys that Couchbase holds.
  const inContract = bounds(at('contract', 100), { ...evidence([run('settle', 101)]), collection });
  assert.deepEqual([inContract.agreed, inContract.created], [null, null]);
  const forced = [{ from: 'switch', to: 'seal', at: 1 }] as unknown as EffectivePhase['forced'];
  assert.match(refusal(at('expand', 100, { forced }), found) ?? '', /Forced moves/);
  const sight = { store: 'couchbase', seen: null, remembered: null, problem: 'it is another one' } as const;
  assert.equal(refusal(at('expand', 100), { ...found, identities: [sight] }), 'it is another one');
});

test('after a retirement all of them may go', () => {
  const found = bounds(at('contract', 100, { retired: true }), { missing: 'x' });
  assert.deepEqual(found, { until: UNTIL, agreed: UNTIL, created: null, held: null });
});
