/**
 * Lies that a verification must not believe, against the real comparison over the lists of two small stores. Beside each: what a verification by increments makes of it, one
 * that trusts an earlier clean run for all that Couchbase has not written since. It is blind to most of them, with counts of both stores to help it, too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LISTED } from '../../functions/runs/passed.ts';
import { compare } from '../../functions/verification/compare.ts';
import { agrees } from '../../functions/verification/version_lists.ts';
import {
  byIncrements,
  byLists,
  CLEAN_SINCE,
  type Held,
  held,
  type Row,
  row,
  seenOf,
  type World,
  world,
} from './listed_world.ts';

const KEY = 'k00030';
const OTHER = 'k00031';

/** @property blind to what increments are blind: to all of it, or only where nobody counts. */
const LIES: readonly {
  readonly name: string;
  readonly tell: (at: World) => void;
  readonly found: readonly string[];
  readonly blind: 'no' | 'uncounted' | 'yes';
}[] = [
  {
    name: 'a write whose receipt was lost',
    tell: ({ couchbase }) => couchbase.set(KEY, held(CLEAN_SINCE + 7n)),
    ...{ found: [`stale ${KEY}`], blind: 'no' },
  },
  {
    name: 'a deletion whose receipt was lost',
    tell: ({ couchbase }) => couchbase.delete(KEY),
    ...{ found: [`extra ${KEY}`], blind: 'uncounted' },
  },
  {
    name: 'the same beside a row that SQL has deleted: the numbers of keys agree',
    tell: ({ couchbase, oracle }) => couchbase.delete(KEY) && oracle.delete(OTHER),
    ...{ found: [`extra ${KEY}`, `missing ${OTHER}`], blind: 'yes' },
  },
  {
    name: 'a deletion whose receipt was lost, beside one that a failover has taken back',
    tell: ({ couchbase, oracle }) =>
      couchbase.delete(KEY) && oracle.set(OTHER, row(2000n, { isLive: false })),
    ...{ found: [`extra ${KEY}`, `tombstone ${OTHER}`], blind: 'yes' },
  },
  {
    name: 'a write by a node whose clock is behind',
    tell: ({ couchbase }) => couchbase.set(KEY, held(CLEAN_SINCE - 1n)),
    ...{ found: [`stale ${KEY}`], blind: 'yes' },
  },
  {
    name: 'a failover that has forgotten the last write',
    tell: ({ couchbase }) => couchbase.set(KEY, held(900n)),
    ...{ found: [`ahead ${KEY}`], blind: 'yes' },
  },
  {
    name: 'a row with another version, by SQL',
    tell: ({ oracle }) => oracle.set(KEY, row(5000n)),
    ...{ found: [`ahead ${KEY}`], blind: 'yes' },
  },
  {
    name: 'a row with another expiry, by SQL',
    tell: ({ oracle }) => oracle.set(KEY, row(1030n, { expires: 4_000_000_000 })),
    ...{ found: [`expiry ${KEY}`], blind: 'yes' },
  },
  {
    name: 'a row that Oracle orders since a forced move',
    tell: ({ oracle }) => oracle.set(KEY, row(1030n, { handoff: 1030n })),
    ...{ found: [`handed-off ${KEY}`], blind: 'yes' },
  },
  {
    name: 'a document that has expired in Couchbase alone',
    tell: ({ couchbase, oracle }) =>
      couchbase.delete(KEY) && oracle.set(KEY, row(1030n, { expires: 4_000_000_000 })),
    ...{ found: [`extra ${KEY}`], blind: 'uncounted' },
  },
  {
    name: 'a key that was ignored when the earlier run looked, and is not any more',
    tell: ({ oracle }) => oracle.set(KEY, row(5n)),
    ...{ found: [`stale ${KEY}`], blind: 'yes' },
  },
  {
    name: 'a copy of a later version than the row has',
    tell: ({ couchbase }) => couchbase.set(KEY, held(999n, { version: 1031n })),
    ...{ found: [`stale ${KEY}`], blind: 'yes' },
  },
];

for (const { name, tell, found, blind } of LIES)
  test(`it is found by the lists: ${name}`, async () => {
    const at = world(300);
    tell(at);
    const { found: all } = await byLists(at);
    assert.deepEqual(all.toSorted(), found.toSorted());
    const [uncounted, counted] = [false, true].map((counting) => byIncrements(at, counting));
    assert.deepEqual([uncounted?.length === 0, counted?.length === 0], [blind !== 'no', blind === 'yes']);
  });

test('where both stores agree nothing is found, and all but a few are never looked at', async () => {
  const at = world(10_000);
  for (let n = 0; n < 50; n++) {
    const key = `k${String(n * 199).padStart(5, '0')}`;
    at.couchbase.set(key, held(CLEAN_SINCE + BigInt(n)));
    at.oracle.set(key, row(CLEAN_SINCE + BigInt(n)));
  }
  // Both are gone, one with a tombstone that was dropped since, and one that was swept.
  for (const key of [KEY, OTHER]) at.couchbase.delete(key);
  at.oracle.delete(KEY);
  at.oracle.set(OTHER, row(2000n, { isLive: false }));
  at.ignored.add('k00100');
  const { found, looked, counts, requests, paced } = await byLists(at);
  assert.deepEqual(found, []);
  assert.deepEqual([counts.listed, counts.applied, counts.failed], [9997, looked.length, 0]);
  assert.equal(counts.stale, 9997 - looked.length);
  // One in 256, and three lists for each thousand keys and for the end.
  assert.equal(looked.length, Math.ceil(9997 / 256));
  assert.ok(requests <= 33, `${requests} requests for lists`);
  const share = (looked.length + counts.stale / LISTED) / counts.listed;
  assert.ok(paced / counts.listed < share + 0.01, `${paced} documents of the pace`);
  assert.ok(paced >= looked.length + counts.stale / LISTED);
});

test('a list of versions that is damaged as a whole is found out, since some documents are looked at all the same', async () => {
  const at = world(300);
  for (const [key, { cas }] of at.couchbase) {
    at.damaged.set(key, cas);
    at.couchbase.set(key, held(cas + 100_000n));
  }
  const { found } = await byLists(at);
  assert.deepEqual(found, ['stale k00000', 'stale k00256']);
});

test('what the list of versions does not have is looked at, and is not passed over', async () => {
  const at = world(50);
  at.oracle.delete(KEY);
  for (const key of at.couchbase.keys()) at.damaged.set(key, 0n);
  const { found, looked } = await byLists(at);
  assert.deepEqual([found, looked.length], [[`missing ${KEY}`], 50]);
});

test('lists excuse from no look that could find a difference', async () => {
  const few = (...some: (bigint | null)[]) => fc.constantFrom(...some);
  const expires = fc.constantFrom(null, 4_000_000_000, 4_000_000_001);
  const document = fc.record({ version: few(5n, 6n), expires });
  const found = fc.record({ version: few(5n, 6n), expires, handoff: few(null, 4n), isLive: fc.boolean() });
  const phase = fc.constantFrom('expand', 'seal', 'switch', 'settle');
  let excused = 0;
  fc.assert(
    fc.property(phase, fc.option(document), found, (at, there, beside) => {
      const listed = there === null ? undefined : { key: KEY, ...there };
      const [held_, row_] = [there as Held | null, beside as Row];
      if (!agrees(at, listed, { key: KEY, ...row_ })) return;
      excused++;
      const stores = { couchbase: new Map([[KEY, held_ as Held]]), oracle: new Map([[KEY, row_]]) };
      assert.equal(compare(at, seenOf({ ...world(0), ...stores }, KEY), 'version'), null);
    }),
    { numRuns: 400 },
  );
  assert.ok(excused > 10);
  // Where Oracle orders keys, a row that is handed off is as any other.
  const both = [
    { key: KEY, version: 5n, expires: null },
    { key: KEY, ...row(5n, { handoff: 4n }) },
  ] as const;
  assert.deepEqual([agrees('settle', ...both), agrees('switch', ...both)], [true, false]);
});
