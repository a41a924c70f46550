/** A preflight tells how documents would fill the tables of projections. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledTables } from '../../functions/operations/filled_tables.ts';
import { leniencies } from '../../functions/operations/leniencies.ts';
import { PreflightWorld, poison } from './preflight_world.ts';

const keyOf = (n: number) => `k${String(n).padStart(6, '0')}`;

test('how documents fill tables adds up over pages, those that are refused included, and is told by name', async () => {
  const none = { missing: 0, nulled: 0, rounded: 0, refused: 0 };
  const world = new PreflightWorld().fill(1200);
  world.documents.set(keyOf(3), 'no JSON');
  world.batches = 1;
  world.projections = [{ table: 'T', columns: [{ name: 'A', from: 'a', tolerate: 5 }] }];
  world.filling = (key) =>
    key === keyOf(3)
      ? [{ taken: 1, rows: 0, refused: 1, columns: [{ ...none, refused: 1 }] }]
      : [{ taken: 1, rows: 2, refused: 0, columns: [{ ...none, rounded: 1 }] }];
  world.require = (key) => {
    if (key === keyOf(3)) throw poison(key, 'there is nothing at a, for the column A of T');
  };
  const { refused, projections } = await world.all();
  assert.equal(refused, 1);
  assert.deepEqual(projections, [
    {
      ...{ table: 'T', counted: 1200, taken: 1200, rows: 2398, refused: 1 },
      columns: [{ name: 'A', from: 'a', missing: 0, nulled: 0, rounded: 1199, refused: 1 }],
    },
  ]);
});

test('counts that were not kept, or that the settings do not name, are told of no column', () => {
  const column = { missing: 1, nulled: 0, rounded: 0, refused: 0 };
  const filled = { taken: 1, rows: 1, refused: 0, columns: [] };
  const named = [{ table: 'T', columns: [{ name: 'A', from: 'a', tolerate: 0 }] }];
  const table = { table: 'T', counted: 1, taken: 1, rows: 1, refused: 0, columns: [] };
  assert.deepEqual(filledTables({ counted: 1, tables: [filled] }, named), [table]);
  assert.deepEqual(filledTables({ counted: 1, tables: [{ ...filled, columns: [column, column] }] }, named), [
    table,
  ]);
  assert.deepEqual(filledTables({ counted: 1, tables: [] }, named), []);
});

test('how lenient a column is follows from what is kept, where it bears a number of such values alone', () => {
  const column = { missing: 5, nulled: 2, rounded: 1, refused: 7 };
  const filled = { taken: 1, rows: 9, refused: 0 };
  const named = (tolerate: number | undefined) => [
    { table: 'T', columns: [{ name: 'A', from: 'a', tolerate }] },
    { table: 'U', columns: [{ name: 'A', from: 'a', tolerate: 4 }] },
  ];
  const kept = {
    counted: 1,
    tables: [
      { ...filled, columns: [column] },
      { ...filled, columns: [] },
    ],
  };
  assert.deepEqual(leniencies(kept, named(0)), [
    { table: 'T', column: 'A', rows: 9, lenient: 3, tolerate: 0 },
    { table: 'U', column: 'A', rows: 9, lenient: null, tolerate: 4 },
  ]);
  // Of the other table nobody has kept the columns.
  const unknown = { table: 'U', column: 'A', rows: 9, lenient: null, tolerate: 4 };
  assert.deepEqual(leniencies(kept, named(undefined)), [unknown]);
  assert.deepEqual(leniencies({ counted: 1, tables: [] }, named(0)), []);
});
