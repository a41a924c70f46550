/** How documents fill the tables of projections, and how lenient their columns may be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bothFillings, type Fillings, fillingsIn, fillingsText } from '../../functions/records/filling.ts';
import { foundIn, foundText, NOTHING_FOUND } from '../../functions/records/preflight.ts';
import { intoleranceText, isIntolerable } from '../../functions/records/tolerance.ts';

const record = <T>(members: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) =>
  fc.record<T>(members, { noNullPrototype: true });
const count = fc.oneof(fc.constant(0), fc.nat(1_000_000_000));
const columns = fc.array(record({ missing: count, nulled: count, rounded: count, refused: count }), {
  maxLength: 5,
});
const tables = fc.array(record({ taken: count, rows: count, refused: count, columns }), { maxLength: 5 });
const fillings: fc.Arbitrary<Fillings> = record({ counted: count, tables });

test('how tables are filled is kept as it was counted', () => {
  fc.assert(
    fc.property(fillings, (given) => {
      assert.deepEqual(fillingsIn(fillingsText(given, 4000)), given);
      assert.deepEqual(foundIn(foundText({ ...NOTHING_FOUND, fillings: given }, 4000)).fillings, given);
    }),
    { numRuns: 50 },
  );
  assert.equal(foundIn(foundText(NOTHING_FOUND, 4000)).fillings, undefined);
  for (const other of ['', 'x', '1|a', '|', '1;2']) assert.equal(fillingsIn(other), undefined, other);
});

const table = (n: number, width: number) => ({
  ...{ taken: n, rows: n, refused: n },
  columns: Array(width).fill({ missing: n, nulled: n, rounded: n, refused: n }),
});

test('where there is no room the columns of the last tables are left out, and none of what tables are filled with', () => {
  const given = { counted: 7, tables: [table(1, 10), table(2, 10), table(3, 10)] };
  const most = fillingsText(given, 4000).length;
  const kept = (room: number) =>
    fillingsIn(fillingsText(given, room))?.tables.map((each) => each.columns.length);
  assert.deepEqual(kept(most), [10, 10, 10]);
  assert.deepEqual(kept(most - 1), [10, 10, 0]);
  assert.deepEqual(kept(1), [0, 0, 0]);
  const { tables: all = [] } = fillingsIn(fillingsText(given, 1)) ?? {};
  assert.deepEqual(
    all.map(({ taken }) => taken),
    [1, 2, 3],
  );
  const wide = { ...NOTHING_FOUND, fillings: { counted: 1, tables: [table(123_456, 3000)] } };
  assert.ok(Buffer.byteLength(foundText(wide, 4000)) <= 4000);
});

test('two counts are added up, number by number; columns that were not kept stay away', () => {
  assert.deepEqual(
    bothFillings({ counted: 1, tables: [table(1, 1)] }, { counted: 2, tables: [table(3, 1)] }),
    {
      counted: 3,
      tables: [table(4, 1)],
    },
  );
  assert.deepEqual(
    bothFillings({ counted: 1, tables: [table(1, 0)] }, { counted: 2, tables: [table(3, 2)] }),
    {
      counted: 3,
      tables: [table(4, 0)],
    },
  );
  const one = { counted: 1, tables: [table(1, 1)] };
  assert.equal(bothFillings(one, undefined), one);
  assert.equal(bothFillings(undefined, one), one);
  assert.equal(bothFillings(undefined, undefined), undefined);
});

test('a column bears as many lenient values of a million as it says, and any number where it says none', () => {
  const of = (lenient: number | null, rows: number, tolerate: number | undefined) => ({
    ...{ table: 'T', column: 'C', lenient, rows, tolerate },
  });
  for (const [lenient, rows, tolerate, expected] of [
    [1, 1_000_000, 1, false],
    [2, 1_000_000, 1, true],
    [1, 999_999, 1, true],
    [1, 1, undefined, false],
    [0, 5, 0, false],
    [1, 5, 0, true],
    [0, 0, 0, false],
    [5, 5, 1_000_000, false],
    [null, 5, 0, false],
  ] as const)
    assert.equal(
      isIntolerable(of(lenient, rows, tolerate)),
      expected,
      `${lenient} of ${rows} for ${tolerate}`,
    );
  assert.equal(
    intoleranceText(of(1, 999_999, 1)),
    'LENIENT: 1 of 999999 values of T.C are NULL or rounded, since they do not fit: 2 of a million, above the 1 that it tolerates',
  );
});
