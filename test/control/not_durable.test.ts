/** Writes that Couchbase has not made durable shut the gates, until a verification has shown that they are there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpful } from '../../functions/control/decide.ts';
import type { CollectionEvidence, RunEvidence } from '../../functions/control/evidence.ts';
import { unprovenUntil } from '../../functions/control/not_durable.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { all, collection, compared, decided, evidence, FREE, GATED, runsFor, TIMES } from './given.ts';

/** Before the runs of `runsFor`, and after all of them. */
const [EARLY, LATE] = [400_000, 700_000];
const SINCE_THEN = 800_000;
/** Milliseconds by which the clocks of two containers may differ. */
const CLOCKS = 3_000;

const given = (phase: Phase, notDurable: number, more: readonly RunEvidence[] = []): CollectionEvidence => {
  const all = collection(runsFor(phase));
  return { ...all, notDurable, verifications: [...more, ...all.verifications] };
};
const moved = (from: Phase, wanted: Phase, all: CollectionEvidence) =>
  decided(from, wanted, evidence({ collection: all }));

test('every gate waits for a verification by content that begins after the last write without durability', async () => {
  for (const [from, wanted] of GATED) {
    const shut = await moved(from, wanted, given(from, LATE));
    assert.equal(shut.kind, 'wait', `${from} to ${wanted}`);
    const { name, measured, start } = shut.conditions.at(-1) ?? {};
    assert.equal(name, 'verification of orders by content');
    assert.match(measured ?? '', /NOT_DURABLE: up to 1970-01-01T00:11:43.000Z writes may lie on one node/);
    assert.deepEqual(start?.input, { collection: 'orders', mode: 'content', ifPossible: true });
    assert.deepEqual(helpful(shut.conditions), [start]);
    const version: RunEvidence = { ...compared(from, SINCE_THEN), mode: 'version' };
    assert.equal((await moved(from, wanted, given(from, LATE, [version]))).kind, 'wait');
    const unclean = compared(from, SINCE_THEN, false);
    assert.equal((await moved(from, wanted, given(from, LATE, [unclean]))).kind, 'wait');
    const opened = await moved(from, wanted, given(from, LATE, [compared(from, SINCE_THEN)]));
    assert.equal(opened.kind, 'move', `${from} to ${wanted}, once it is verified`);
    assert.equal((await moved(from, wanted, given(from, EARLY))).kind, 'move');
  }
});

test('a run that a clock which is ahead says was begun just after the note may have begun before it, and proves nothing', () => {
  const begun = (after: number) => unprovenUntil(given('settle', LATE, [compared('settle', LATE + after)]));
  assert.deepEqual([begun(1), begun(2000), begun(CLOCKS)], [LATE + CLOCKS, LATE + CLOCKS, null]);
});

test('a move that brings a service back to work with one store waits for nothing', async () => {
  for (const [from, wanted] of [['legacy', 'expand'], ...FREE] as const)
    assert.equal((await moved(from, wanted, given(from, LATE))).kind, 'move', `${from} to ${wanted}`);
});

test('while such writes may still be made, no verification is begun: it would prove nothing', async () => {
  const { conditions, kind } = await moved('settle', 'contract', given('settle', TIMES.now + 1));
  assert.deepEqual([kind, helpful(conditions)], ['wait', []]);
});

test('one clean verification proves it for all phases after it, and a difference that is found later takes that back', () => {
  for (const phase of PHASES) {
    const proves = phase !== 'legacy' && phase !== 'contract';
    const all = given(phase, LATE, [compared(phase, SINCE_THEN)]);
    assert.equal(unprovenUntil(all), proves ? null : LATE + CLOCKS, phase);
    const refuted = [compared(phase, SINCE_THEN + 1, false), compared(phase, SINCE_THEN)];
    assert.equal(unprovenUntil(given(phase, LATE, refuted)), LATE + CLOCKS, phase);
  }
  assert.equal(unprovenUntil(collection()), null);
});

test('the way out of legacy waits where Couchbase can make no durable writes', async () => {
  const problem = 'too few replicas';
  const shut = await decided('legacy', 'expand', evidence({ durabilityProblem: problem }));
  assert.deepEqual([shut.kind, shut.missing], ['wait', ['durability']]);
  assert.equal(shut.conditions.at(-1)?.measured, problem);
  assert.equal((await decided('legacy', 'expand', evidence({ durabilityProblem: null }))).kind, 'move');
  const elsewhere = evidence({ ...all('expand'), durabilityProblem: problem });
  assert.equal((await decided('expand', 'settle', elsewhere)).kind, 'move');
});
