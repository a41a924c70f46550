import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run, Totals } from '../../functions/records/run.ts';
import { Standing } from '../../functions/runs/standing.ts';

const STILL = 900_000;
const BEGUN = 1_000_000_000;
const RUN = { id: 'r1', kind: 'backfill', collection: 'orders', started: BEGUN } as Run;
const at = (changed: number, listed: number) =>
  [{ run: RUN, totals: { shards: 1, done: 0, listed, changed } as Totals }] as const;
const ids = (found: readonly { readonly run: Run }[]) => found.map(({ run }) => run.id);

test('a run that nobody has touched for so long stands still, also at the first look', () => {
  assert.deepEqual(ids(new Standing().of(at(BEGUN, 5), BEGUN + STILL, STILL)), []);
  assert.deepEqual(ids(new Standing().of(at(BEGUN, 5), BEGUN + STILL + 1, STILL)), ['r1']);
});

test('one that workers take again and again, and that gets no further, stands still: its pace is 0, or they die', () => {
  const standing = new Standing();
  for (let minute = 0; minute <= 15; minute++)
    assert.deepEqual(ids(standing.of(at(BEGUN + minute * 60_000, 5), BEGUN + minute * 60_000, STILL)), []);
  assert.deepEqual(ids(standing.of(at(BEGUN + 16 * 60_000, 5), BEGUN + 16 * 60_000, STILL)), ['r1']);
});

test('one that gets further is under way, however slowly', () => {
  const standing = new Standing();
  for (let minute = 0; minute < 120; minute++) {
    const now = BEGUN + minute * 60_000;
    assert.deepEqual(ids(standing.of(at(now, Math.floor(minute / 10)), now, STILL)), []);
  }
});

test('one that has ended is forgotten, and counts anew where it is under way again', () => {
  const standing = new Standing();
  standing.of(at(BEGUN, 5), BEGUN, STILL);
  standing.of([], BEGUN + STILL, STILL);
  assert.deepEqual(ids(standing.of(at(BEGUN + STILL, 5), BEGUN + STILL + 1, STILL)), []);
});
