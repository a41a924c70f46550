/** What a gate says of each kind of run: whether one of this stay was clean, and otherwise which is needed and why the last is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backfilled, copiedBack, turnedRound, verified } from '../../functions/control/run_conditions.ts';
import { collection, compared, run, TIMES } from './given.ts';

const FROM = 400_000;
const at = (time: number) => new Date(time).toISOString();
const versions = (started: number, clean = true) => ({
  ...run('seal', started, clean),
  mode: 'version' as const,
});

test('a backfill counts that was clean and began in this stay in expand; an operator starts another', () => {
  const told = (backfill: ReturnType<typeof run> | null) => backfilled(collection({ backfill }), FROM);
  const good = told(run('expand', 500_000));
  assert.deepEqual([good.holds, good.command, good.kind], [true, undefined, 'backfill']);
  assert.equal(good.measured, `run-500000 of ${at(500_000)} was clean`);
  for (const [backfill, measured] of [
    [null, 'none yet'],
    [run('expand', 500_000, false), /was not clean: npx crossfade verified orders$/],
    [run('expand', FROM - 1), new RegExp(`began before ${at(FROM)}$`)],
    [run('seal', 500_000), /was in seal, and says nothing of expand$/],
  ] as const) {
    const { holds, measured: said, command, start } = told(backfill);
    assert.deepEqual([holds, command, start], [false, 'npx crossfade backfill start orders', undefined]);
    if (typeof measured === 'string') assert.equal(said, measured);
    else assert.match(said, measured);
  }
  // At the very beginning of the stay it has seen all that was written before.
  assert.equal(told(run('expand', FROM)).holds, true);
});

test('a backfill that has set documents aside counts once all of them are settled, and until then the gate says how many are not', () => {
  const told = (unsettled: number, started = 500_000) => {
    const backfill = { ...run('expand', started, unsettled === 0), unsettled };
    return backfilled(collection({ backfill }), FROM);
  };
  const good = told(0);
  assert.deepEqual([good.holds, good.command], [true, undefined]);
  assert.match(good.measured, /has set documents aside, and all of them are settled$/);
  const waits = told(2);
  const command = 'npx crossfade dead-letters explain --collection orders';
  assert.deepEqual([waits.holds, waits.command], [false, command]);
  assert.match(waits.measured, /2 of them are not settled\. Mend them, .* no new backfill is needed$/);
  assert.match(told(1).measured, /1 of them is not settled/);
  // One of before this stay helps nobody, settled or not.
  assert.equal(told(0, FROM - 1).command, 'npx crossfade backfill start orders');
});

test('a copy-back that is missing is started by the controller, and only of what has changed', () => {
  const told = (copyback: ReturnType<typeof run> | null) =>
    copiedBack(collection({ copyback }), 'switch', FROM, TIMES);
  assert.equal(told(run('switch', 500_000)).holds, true);
  const start = { job: 'copy', input: { collection: 'orders', back: 'changed', ifPossible: true } };
  for (const copyback of [null, run('settle', 500_000), run('switch', FROM - 1)])
    assert.deepEqual(told(copyback).start, start);
  const late = told(run('switch', TIMES.now - 2, false));
  assert.deepEqual([late.start, late.lets], [undefined, undefined]);
  assert.match(late.measured, /The controller begins another at /);
});

test('while writes may be lost only a verification by content counts that began after the last of them', () => {
  const noted = 600_000;
  // The clocks of containers differ by as much.
  const until = noted + 3000;
  const told = (verification: ReturnType<typeof compared>, now = TIMES.now) =>
    verified('seal', { ...collection({ verification }), notDurable: noted }, FROM, 'version', {
      ...TIMES,
      now,
    });
  assert.equal(told(compared('seal', until)).holds, true);
  for (const verification of [compared('seal', until - 1), versions(until)]) {
    const { holds, measured, kind, start } = told(verification);
    assert.deepEqual([holds, kind], [false, 'verification by content']);
    assert.match(measured, /NOT_DURABLE: up to /);
    assert.deepEqual(start?.input, { collection: 'orders', mode: 'content', ifPossible: true });
  }
  // Before the last of them is made, a verification would look too early.
  assert.equal(told(versions(550_000), until - 1).start, undefined);
});

test('a verification that compared less than is needed is named as what it was', () => {
  const all = collection({ verification: versions(500_000) });
  assert.equal(verified('seal', all, FROM, 'version', TIMES).holds, true);
  const { holds, measured } = verified('seal', all, FROM, 'content', TIMES);
  assert.equal(holds, false);
  assert.equal(measured, `run-500000 of ${at(500_000)} was a version run; contents are needed`);
});

test('a way back from settle is told of by the end of the last unclean verification of this stay', () => {
  const told = (verification: ReturnType<typeof run> | null, phase: 'settle' | 'seal' = 'settle') =>
    turnedRound(collection({ verification }), phase, FROM)?.finished ?? null;
  assert.equal(told(compared('settle', 500_000, false)), 500_001);
  assert.equal(told(compared('settle', 500_000)), null);
  assert.equal(told(compared('settle', FROM - 1, false)), null);
  assert.equal(told(compared('seal', 500_000, false), 'seal'), null);
  assert.equal(told(null), null);
});
