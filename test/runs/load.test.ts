/** What follows for bulk work from the readings of Oracle's load. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { due, judge, pauses, shareOf, summaryOf } from '../../functions/runs/load.ts';
import {
  BULK_LIMITS,
  type BulkLimits,
  type Load,
  READINGS,
  type Reading,
  type Readings,
} from '../../functions/stores/load.ts';

const NONE = Object.fromEntries(READINGS.map((name) => [name, null])) as unknown as BulkLimits;
const LIMITS: BulkLimits = {
  ...NONE,
  recoveryArea: { slow: 70, pause: 90, resume: 80 },
  undo: { slow: 50, pause: 60, resume: 55 },
};
const MINUTE = 60_000;
const area = (value: number): Readings => ({ recoveryArea: { kind: 'value', value } });
const unknown = (slow = false): Readings => ({ recoveryArea: { kind: 'unknown', why: 'ORA-00235', slow } });

/** One reading a minute, and the share after each. */
function shares(readings: readonly Readings[], limits = LIMITS): number[] {
  let load: Load | null = null;
  return readings.map((each, minute) => {
    load = judge(limits, each, load, minute * MINUTE);
    return shareOf(load, minute * MINUTE);
  });
}

test('the nearer the pause, the slower; below `slow` nothing changes, and an eighth is the least', () => {
  assert.deepEqual(
    shares([0, 69.9, 70, 75, 80, 89.9].map(area)).map((share) => Math.round(share * 1000) / 1000),
    [1, 1, 1, 0.75, 0.5, 0.125],
  );
});

test('a pause begins at `pause` and ends below `resume`, and not where it has begun', () => {
  assert.deepEqual(
    shares([89, 90, 89.9, 80, 79.9, 89.9, 90].map(area)).map(Math.ceil),
    [1, 0, 0, 0, 1, 1, 0],
  );
});

test('without room between the limits it is all or nothing', () => {
  const limits: BulkLimits = { ...NONE, recoveryArea: { slow: 90, pause: 90, resume: 90 } };
  assert.deepEqual(shares([0, 89.9, 90, 89.9, 100].map(area), limits), [1, 1, 0, 1, 0]);
});

test('the worst of the readings counts', () => {
  const undo = (value: number): Readings => ({ undo: { kind: 'value', value } });
  assert.deepEqual(shares([{ ...area(80), ...undo(10) }]), [0.5]);
  assert.deepEqual(shares([{ ...area(80), ...undo(60) }]), [0]);
});

test('what may not be read, or is not there, slows nothing and ends a pause: nobody could tell its end', () => {
  for (const kind of ['none', 'notGranted'] as const)
    assert.deepEqual(shares([{ recoveryArea: { kind } }, area(95), { recoveryArea: { kind } }]), [1, 0, 1]);
});

test('a reading that cannot be read holds a pause for ten minutes and no longer', () => {
  const after = (minutes: number) => shares([area(95), ...Array.from({ length: minutes }, () => unknown())]);
  assert.deepEqual(after(11), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(shares([unknown(), unknown()]), [1, 1]);
  // So it does where no worker reads any more.
  const load = judge(LIMITS, area(95), null, 0);
  assert.deepEqual([shareOf(load, 10 * MINUTE), shareOf(load, 10 * MINUTE + 1)], [0, 1]);
  assert.deepEqual(pauses(load, 10 * MINUTE + 1), []);
});

test('a view that hangs is asked again after five minutes; the others meanwhile', () => {
  let load = judge(LIMITS, unknown(true), null, 0);
  const wanted = (now: number) => due(LIMITS, load, now);
  assert.deepEqual([wanted(0), wanted(5 * MINUTE)], [['undo'], ['recoveryArea', 'undo']]);
  load = judge(LIMITS, { undo: { kind: 'value', value: 1 } }, load, MINUTE);
  assert.deepEqual([wanted(MINUTE), wanted(5 * MINUTE)], [['undo'], ['recoveryArea', 'undo']]);
  load = judge(LIMITS, unknown(false), load, 5 * MINUTE);
  assert.deepEqual(wanted(5 * MINUTE), ['recoveryArea', 'undo']);
});

test('a reading that the configuration does not want is neither asked for nor counted', () => {
  const before = judge(LIMITS, area(95), null, 0);
  assert.deepEqual(due(NONE, before, 0), []);
  assert.equal(shareOf(judge(NONE, {}, before, 1), 1), 1);
});

test('operators are told the value, the limits, and what to do', () => {
  const load = judge(LIMITS, { ...area(91.5), undo: { kind: 'notGranted' } }, null, 0);
  assert.equal(pauses(load, 0).length, 1);
  assert.match(
    pauses(load, 0)[0] ?? '',
    /^fast recovery area 91\.5 % \(slower from 70 % on, paused from 90 % on until below 80 %\)\. Back up the archived logs/,
  );
  assert.deepEqual(summaryOf(load, 0), {
    ...{ at: 0, values: ['fast recovery area 91.5 %'], pauses: pauses(load, 0) },
    ...{ slowdowns: [], notGranted: ['undo'], unknown: [] },
  });
  const slower = judge(LIMITS, { ...area(75), undo: unknown().recoveryArea as Reading }, null, 0);
  const told = summaryOf(slower, 0);
  assert.match(told.slowdowns[0] ?? '', /^fast recovery area 75 % .*: 75 % of the pace$/);
  assert.deepEqual([told.pauses, told.unknown], [[], ['undo in use (ORA-00235)']]);
});

test('the limits that are shipped have room between slower, on again, and paused', () => {
  for (const limits of Object.values(BULK_LIMITS)) {
    assert.ok(limits !== null);
    assert.ok(limits.slow < limits.resume && limits.resume < limits.pause, JSON.stringify(limits));
  }
});
