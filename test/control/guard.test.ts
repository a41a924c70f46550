/** How requests of a phase are compared with those of the phase before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GuardSettings, judged, type Measured, watchOf } from '../../functions/control/guard.ts';
import { guardWait } from '../../functions/control/guard_wait.ts';
import type { GuardNote, VerdictKind } from '../../functions/phases/guard_note.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Figures } from '../../functions/records/latencies.ts';

const SETTINGS: GuardSettings = { minutes: 10, failed: 0.01, slower: 2, floor: 100, requests: 200 };
const LONGEST = 20_000;
const NONE: Figures = { count: 0, failed: 0, p50: null, p99: null };
const figures = (count: number, p99: number, failed = 0): Figures => ({ count, failed, p50: p99 / 2, p99 });

/** Of one operation, with calls to Couchbase that are well if nobody says otherwise. */
const measured = (read: Figures, couchbase = figures(5000, 10), write = NONE): Measured => ({
  requests: { read, write, patch: NONE, delete: NONE, batch: NONE },
  couchbase,
});
const verdict = (before: Measured, now: Measured, settings = SETTINGS) =>
  judged({ from: 'seal', to: 'switch' }, before, now, settings, LONGEST);

test('requests are worse off from the bounds on, and not before', () => {
  const before = measured(figures(1000, 60, 5));
  for (const [now, kind] of [
    [figures(1000, 60, 5), 'fine'],
    [figures(1000, 120, 5), 'fine'],
    [figures(1000, 121, 5), 'worse'],
    [figures(1000, 60, 15), 'fine'],
    [figures(1000, 60, 16), 'worse'],
  ] as const)
    assert.equal(verdict(before, measured(now)).kind, kind, JSON.stringify(now));
  // Ten times as long, and still short enough.
  assert.equal(verdict(measured(figures(1000, 10)), measured(figures(1000, 100))).kind, 'fine');
  const { told } = verdict(before, measured(figures(1000, 900, 5)));
  assert.equal(told, 'switch compared with seal: read: p99 900 ms, 60 ms before');
});

test('one operation that is worse is enough, and others are judged by themselves', () => {
  const well = figures(1000, 50);
  const worse = verdict(measured(well, undefined, well), measured(well, undefined, figures(1000, 50, 100)));
  assert.deepEqual([worse.kind, /write: 10\.00 % of 1000 have failed/.test(worse.told)], ['worse', true]);
  assert.doesNotMatch(worse.told, /read/);
});

test('too few requests, before or now, are not judged', () => {
  const many = measured(figures(200, 10));
  const few = measured(figures(199, 9000, 199));
  assert.equal(verdict(many, few).kind, 'few');
  assert.equal(verdict(measured(figures(199, 10)), measured(figures(5000, 9000, 5000))).kind, 'few');
  assert.deepEqual(verdict(many, measured(NONE)), {
    kind: 'few',
    told: 'there was no request in switch so far',
  });
});

test('a phase before that breaks the bounds itself is told, and judges nothing', () => {
  const bad = verdict(measured(figures(1000, 50, 11)), measured(figures(1000, 50, 900)));
  assert.match(bad.told, /failures cannot be judged: 1\.10 % of 1000 failed in the phase before/);
  // Latency can be judged all the same.
  assert.equal(bad.kind, 'fine');
  assert.equal(verdict(measured(figures(1000, 50, 11)), measured(figures(1000, 500, 900))).kind, 'worse');
  const slow = verdict(measured(figures(1000, 10_000, 11)), measured(figures(1000, 20_000, 11)));
  assert.equal(slow.kind, 'before');
  assert.match(slow.told, /latency cannot be judged: p99 was 10000 ms .*timing\.request/);
});

test('what is wrong with Couchbase itself is no reason to go back to where Couchbase alone is needed', () => {
  const before = measured(figures(1000, 50));
  const of = (read: Figures, couchbase: Figures) => verdict(before, measured(read, couchbase)).kind;
  assert.equal(of(figures(1000, 50, 500), figures(5000, 10, 1000)), 'couchbase');
  assert.equal(of(figures(1000, 900), figures(5000, 880)), 'couchbase');
  // Its calls have become slower too, but are not what takes the time.
  assert.equal(of(figures(1000, 900), figures(5000, 40)), 'worse');
  // It is slow, and what fails is another store.
  assert.equal(of(figures(1000, 50, 500), figures(5000, 880)), 'worse');
  assert.equal(of(figures(1000, 900, 500), figures(5000, 880)), 'worse');
});

const standing = (phase: Phase, now: number) => ({
  effective: { phase, since: 1_000_000, by: 'controller' },
  ...{ version: 7, now },
});
const move = (from: Phase, to: Phase) => ({ from, to, by: 'controller', at: 0, why: '' });

test('a phase is watched after a move forward has led to it, until its time is over and CloudWatch has the last of it', () => {
  const watch = (from: Phase, to: Phase, phase = to, now = 1_050_000) =>
    watchOf(move(from, to), standing(phase, now), 50_000, SETTINGS);
  assert.deepEqual(watch('expand', 'seal'), {
    ...{ from: 'expand', to: 'seal', version: 7, since: 1_000_000, until: 1_650_000 },
    before: { from: -2_600_000, until: 1_050_000 },
  });
  assert.equal(watch('switch', 'seal'), null);
  assert.equal(watch('contract', 'contract'), null);
  // A move that was given up has left the phase as it was.
  assert.equal(watch('expand', 'seal', 'expand'), null);
  assert.equal(watchOf(null, standing('seal', 1_050_000), 50_000, SETTINGS), null);
  // The keys that are not ahead are served at the same time as those that are.
  const ramp = { percent: 10, since: 2_000_000 };
  const ahead = { ...standing('seal', 2_100_000), effective: { ...standing('seal', 0).effective, ramp } };
  assert.deepEqual(watchOf({ ...move('seal', 'seal'), share: 10 }, ahead, 50_000, SETTINGS), {
    ...{ from: 'seal', to: 'switch', version: 7, since: 2_000_000, until: 2_650_000 },
    before: { from: -1_600_000, until: 2_100_000 },
  });
  assert.notEqual(watch('expand', 'seal', 'seal', 1_829_999), null);
  assert.equal(watch('expand', 'seal', 'seal', 1_830_000), null);
});

test('a move forward waits until the phase was watched, unless that brings nothing; one back never does', () => {
  const note = (kind: VerdictKind, version = 7): GuardNote => ({
    ...{ from: 'expand', to: 'seal', version, kind, told: 'reads take 3 ms', at: 0, own: null },
  });
  const wait = (given: GuardNote | null, now: number, to: Phase = 'switch') => {
    const way = { from: 'seal', to, version: 7, since: 1_000_000 } as const;
    return guardWait(way, { settings: SETTINGS, bake: 50_000, note: given, turnedBack: false }, now);
  };
  assert.deepEqual(wait(null, 1_649_999), [
    {
      ...{ kind: 'guard', name: 'guard', holds: false, lets: true },
      measured: 'seal is watched until 1970-01-01T00:27:30.000Z; nothing was found so far',
    },
  ]);
  const holds = (given: GuardNote | null, now = 1_100_000) => wait(given, now)[0]?.holds;
  assert.equal(holds(null, 1_650_000), true);
  for (const kind of ['fine', 'few', 'worse'] as const) assert.equal(holds(note(kind)), false, kind);
  for (const kind of ['unread', 'before', 'back', 'couchbase', 'turned'] as const) {
    assert.equal(holds(note(kind)), true, kind);
    // It was about another phase.
    assert.equal(holds(note(kind, 6)), false, kind);
  }
  assert.deepEqual(wait(null, 1_100_000, 'expand'), []);
  // Flags were set back a moment ago, and a read may still tell those of before.
  const late = { ...note('turned'), at: 1_700_000 };
  assert.deepEqual([holds(late, 1_759_999), holds(late, 1_760_000)], [false, true]);
});
