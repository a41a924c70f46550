/** What a month needs, by what was measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measured } from '../../functions/books/space.ts';
import { monthOf } from '../../functions/operations/space.ts';
import { spaceLines } from '../../infra/console/space.ts';

const DAY = 86_400_000;
const MEASURED: Measured = {
  ...{ most: 500_000, sample: { documents: 100, bytes: 84_000 } },
  tombstones: { all: 70_000, day: 10_000 },
  expiring: 8000,
  counted: [
    { at: 0, keys: 1_000_000 },
    { at: 5 * DAY, keys: 1_040_000 },
    { at: 10 * DAY, keys: 1_100_000 },
  ],
  aside: { rows: 10, bytes: 6000 },
  ours: {
    ...{ CROSSFADE_RUNS: 30, CROSSFADE_SHARDS: 600, CROSSFADE_FINDINGS: 0 },
    ...{ CROSSFADE_REPAIRS: 0, CROSSFADE_LETTERS: 0, CROSSFADE_AUDIT: 100 },
    ...{ CROSSFADE_ATTEMPTS: 50, CROSSFADE_SUSPECTS: 10 },
  },
};

test('a month is what the formula of the manual says', () => {
  assert.deepEqual(monthOf(MEASURED), {
    // 10,000 new keys a day, of 840 bytes and 160 beside them.
    documents: 10_000 * 30 * 1000 * 1.3,
    tombstones: 10_000 * 30 * 180 * 1.3,
    tombstonesDropped: 10_000 * 37 * 180 * 1.3,
    setAside: (6000 + 10 * 400) * 1.3,
    ours: (30 * 500 + 600 * 400 + 100 * 600 + 50 * 300 + 10 * 150) * 1.3,
  });
});

test('more tombstones count where more documents expire in the next day than were gone in the last', () => {
  assert.equal(monthOf({ ...MEASURED, expiring: 20_000 }).tombstones, 20_000 * 30 * 180 * 1.3);
});

test('documents that become fewer need nothing; without two counts a day apart nothing is known of them', () => {
  const fewer = MEASURED.counted.map(({ at, keys }) => ({ at, keys: 2_000_000 - keys }));
  assert.equal(monthOf({ ...MEASURED, counted: fewer }).documents, 0);
  assert.equal(monthOf({ ...MEASURED, counted: MEASURED.counted.slice(0, 1) }).documents, null);
  const soon = [
    { at: 0, keys: 1 },
    { at: DAY - 1, keys: 9 },
  ];
  assert.equal(monthOf({ ...MEASURED, counted: soon }).documents, null);
});

test('a count that has reached its bound is told as a lower bound', () => {
  const tombstones = { all: 500_000, day: 10_000 };
  const lines = spaceLines({ measured: { ...MEASURED, tombstones }, month: monthOf(MEASURED) });
  assert.match(lines.join('\n'), /tombstones: 500000 or more, of the last day 10000;/);
  assert.match(lines.join('\n'), /documents: 372 MiB/);
});
