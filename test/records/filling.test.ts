import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bothFillings, type Fillings, fillingsIn, fillingsText } from '../../functions/records/filling.ts';
import { foundIn, foundText, NOTHING_FOUND } from '../../functions/records/preflight.ts';

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
