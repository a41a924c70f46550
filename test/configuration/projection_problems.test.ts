/** What does not fit together of projections: all of it is told at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../../functions/configuration/configuration.ts';
import { collection, good } from './good.ts';
import { AT, problems } from './projection_settings.ts';

const column = { name: 'A', path: 'a', type: 'CLOB' };

test('all that does not fit together is told at once, with its place and what to do', () => {
  const each = { table: 'LINES', each: 'lines' };
  const refusing = { missing: 'refuse' };
  assert.deepEqual(
    problems(
      {
        table: 'orders',
        columns: [
          { ...column, name: 'date' },
          { ...column, name: 'DATE' },
          { ...column, name: 'DOC_KEY' },
          { ...column, name: 'PLACE' },
          column,
          column,
          { name: 'E', element: 'x', type: 'CLOB' },
        ],
      },
      { table: 'ORDERS', columns: [] },
      { table: 'CROSSFADE_X', columns: [] },
      { ...each, columns: [column, { name: 'J', path: 'j', type: 'JSON' }] },
      {
        ...{ ...each, columns: [{ ...column, type: 'VARCHAR2(5 CHAR)', misfit: 'down' }] },
        identifiedBy: ['A', 'NOWHERE', 'A'],
      },
      { table: 'ONE', columns: [{ ...column, tolerate: 1 }], identifiedBy: ['A'] },
      {
        table: 'ZONED',
        each: 'e',
        columns: [{ name: 'Z', element: '', type: 'TIMESTAMP WITH TIME ZONE', ...refusing }],
        identifiedBy: ['Z'],
      },
    ).map((problem) => problem.replace(/(PROJECTION_NAME: "[^"]+" cannot be its name): use .*/, '$1')),
    [
      '0.table: PROJECTION_NAME: "orders" cannot be its name',
      '0.columns.0.name: PROJECTION_NAME: "date" cannot be its name',
      '0.columns.1.name: PROJECTION_NAME: "DATE" cannot be its name',
      '0.columns.2.name: PROJECTION_NAME: "DOC_KEY" cannot be its name: Crossfade fills a column of this name itself',
      '0.columns.3.name: PROJECTION_NAME: "PLACE" cannot be its name: Crossfade fills a column of this name itself',
      '0.columns.5.name: PROJECTION_NAME: columns.4 is A as well: give each its own name',
      '0.columns.6: PROJECTION_SOURCE: there is no element without each: say each, the path of an array, or take path, from the document',
      '1.table: PROJECTION_TABLE_TAKEN: collections.orders.oracle.table is ORDERS as well: give each its own table',
      '2.table: PROJECTION_NAME: "CROSSFADE_X" cannot be its name: names that begin with CROSSFADE_ are Crossfade’s own',
      '3.columns.0: PROJECTION_SOURCE: each row of the document would hold the whole of it again: take it into a projection without each, or a VARCHAR2',
      '3.columns.1: PROJECTION_SOURCE: each row of the document would hold the whole of it again: take it into a projection without each, or a VARCHAR2',
      '4.table: PROJECTION_TABLE_TAKEN: collections.orders.oracle.projections.3.table is LINES as well: give each its own table',
      "4.columns.0: PROJECTION_POLICY: nothing of its type can be rounded, and nothing is ever cut off: let misfit be 'refuse' or 'null'",
      '4.identifiedBy: PROJECTION_KEY: NOWHERE is no column of it: name one of its columns',
      '4.identifiedBy: PROJECTION_KEY: A is there twice: leave one out',
      "4.identifiedBy: PROJECTION_KEY: A may lack its value, or have another one, and it is part of the primary key: let its missing and misfit be 'refuse'",
      '5.columns.0: PROJECTION_POLICY: tolerate is about lenient values, and misfit refuses them: leave one of them out',
      '5.identifiedBy: PROJECTION_KEY: a document has one row where there is no each, and its key is DOC_KEY: leave it out',
      '5.identifiedBy: PROJECTION_KEY: A is a CLOB, which no index holds: leave it out',
      "5.identifiedBy: PROJECTION_KEY: A may lack its value, or have another one, and it is part of the primary key: let its missing and misfit be 'refuse'",
      '6.identifiedBy: PROJECTION_KEY: Z has a time zone, and Oracle takes none into a primary key: take a TIMESTAMP without it',
    ],
  );
});

test('the columns of a primary key are always there, as they are', () => {
  const refusing = { name: 'A', element: 'a', type: 'TIMESTAMP', missing: 'refuse' };
  const told = (given: object) =>
    problems({ table: 'T', each: 'l', columns: [{ ...refusing, ...given }], identifiedBy: ['A'] });
  assert.deepEqual(told({}), []);
  for (const lenient of [
    { missing: 'null' },
    { missing: { default: '2024-02-29' } },
    { misfit: 'null' },
    { misfit: 'down' },
  ])
    assert.match(
      told(lenient).join(),
      /^0\.identifiedBy: PROJECTION_KEY: A may lack its value, or have another one/,
    );
});

test('an index has columns that an index can have, and none is there twice', () => {
  const texts = ['A', 'B'].map((name) => ({ name, path: name, type: 'VARCHAR2(9 CHAR)' }));
  const columns = [...texts, { name: 'C', path: 'c', type: 'CLOB' }];
  const told = (indexes: readonly (readonly string[])[], more: object = { each: 'l', columns: texts }) =>
    problems({ table: 'T', columns, ...more, indexes });
  assert.deepEqual(told([['A'], ['A', 'DOC_KEY'], ['PLACE', 'A'], ['B']]), []);
  const already = (n: number) =>
    `0.indexes.${n}: PROJECTION_KEY: there is an index on these columns already: leave it out`;
  assert.deepEqual(told([['DOC_KEY', 'PLACE'], ['A'], ['A']]), [already(0), already(2)]);
  assert.deepEqual(told([['DOC_KEY']], {}), [already(0)]);
  assert.deepEqual(told([['PLACE'], ['C'], ['D']], {}), [
    '0.indexes.0: PROJECTION_KEY: PLACE is no column of it: name one of its columns',
    '0.indexes.1: PROJECTION_KEY: C is a CLOB, which no index holds: leave it out',
    '0.indexes.2: PROJECTION_KEY: D is no column of it: name one of its columns',
  ]);
});

test('a key takes as many bytes and columns as Oracle does, and no more', () => {
  const of = (...types: readonly string[]) =>
    types.map((type, n) => ({ name: `C${n}`, element: `c${n}`, type, missing: 'refuse' }));
  const named = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name);
  const keyed = (...types: readonly string[]) =>
    problems({ table: 'T', each: 'l', columns: of(...types), identifiedBy: named(of(...types)) });
  const indexed = (types: readonly string[], more: readonly string[] = []) =>
    problems({ table: 'T', each: 'l', columns: of(...types), indexes: [[...named(of(...types)), ...more]] });
  const tooLong = (at: string, bytes: number, most: number) => [
    `0.${at}: PROJECTION_KEY: its key may have ${bytes} bytes, and Oracle takes ${most}: make texts shorter`,
  ];
  // One more for each column, and DOC_KEY with its 250 in front.
  assert.deepEqual(keyed('VARCHAR2(4000 BYTE)', 'RAW(2000)', 'RAW(135)'), []);
  assert.deepEqual(
    keyed('VARCHAR2(1001 CHAR)', 'RAW(2000)', 'RAW(136)'),
    tooLong('identifiedBy', 6390, 6389),
  );
  assert.deepEqual(indexed(['VARCHAR2(500 CHAR)', 'RAW(1125)', 'NUMBER']), []);
  assert.deepEqual(indexed(['VARCHAR2(500 CHAR)', 'RAW(1126)', 'DATE']), tooLong('indexes.0', 3151, 3150));
  assert.deepEqual(indexed(['VARCHAR2(2898 BYTE)'], ['DOC_KEY']), []);
  assert.deepEqual(indexed(['VARCHAR2(2899 BYTE)'], ['DOC_KEY']), tooLong('indexes.0', 3151, 3150));
  const many = (at: string) => [
    `0.${at}: PROJECTION_KEY: its key must have 32 columns or fewer, and has 33: leave some out`,
  ];
  assert.deepEqual(keyed(...Array(31).fill('NUMBER')), []);
  assert.deepEqual(keyed(...Array(32).fill('NUMBER')), many('identifiedBy'));
  assert.deepEqual(indexed(Array(32).fill('NUMBER')), []);
  assert.deepEqual(indexed(Array(33).fill('NUMBER')), many('indexes.0'));
});

test('constants and defaults fit their types', () => {
  const wrong = { name: 'N', constant: 'x', type: 'NUMBER(3)', missing: { default: 12.5 } };
  const right = { ...wrong, name: 'M', constant: '7', missing: { default: 7 } };
  assert.deepEqual(problems({ table: 'T', columns: [wrong, right] }), [
    '0.columns.0: PROJECTION_VALUE: its constant does not fit its type: there is a text of 1 characters, not a number. Mend one of them',
    '0.columns.0: PROJECTION_VALUE: its default does not fit its type: there is a number of 2 digits before the point and 1 digits after it. Mend one of them',
  ]);
});

test('a pattern of keys that none of the collection has is told', () => {
  const of = (pattern: string) => ({
    ...good,
    collections: {
      orders: {
        ...{ ...collection, keys: { include: ['order::*', 'o-*'] } },
        oracle: { table: 'ORDERS', projections: [{ table: 'T', where: { key: pattern }, columns: [] }] },
      },
    },
  });
  assert.deepEqual(problemsOf(of('*::7')), []);
  assert.deepEqual(problemsOf(of('cart::*')), [
    `${AT}0.where.0: PROJECTION_TAKES_NOTHING: no key of the collection (keys.include) matches "cart::*": mend one of them`,
  ]);
});

test('the tables of all collections and of all projections differ', () => {
  const of = (table: string, projected: string) => ({
    ...collection,
    oracle: { table, projections: [{ table: projected, columns: [] }] },
  });
  const two = (one: object, other: object) =>
    problemsOf({
      ...good,
      collections: { a: { ...one, keys: { include: ['a*'] } }, b: { ...other, keys: { include: ['b*'] } } },
    });
  assert.deepEqual(two(of('A', 'P'), of('B', 'Q')), []);
  assert.deepEqual(
    two(of('A', 'B'), of('B', 'A')).map((problem) => problem.split(':').slice(0, 3).join(':')),
    [
      'collections.a.oracle.projections.0.table: PROJECTION_TABLE_TAKEN: collections.b.oracle.table is B as well',
      'collections.b.oracle.projections.0.table: PROJECTION_TABLE_TAKEN: collections.a.oracle.table is A as well',
    ],
  );
  assert.deepEqual(
    two(of('A', 'P'), of('B', 'P')).map((problem) => problem.split(':').slice(0, 3).join(':')),
    [
      'collections.b.oracle.projections.0.table: PROJECTION_TABLE_TAKEN: collections.a.oracle.projections.0.table is P as well',
    ],
  );
});

test('a double is rounded to the nearest one, by no other rule', () => {
  const of = (misfit: string) =>
    problems({ table: 'T', columns: [{ ...column, type: 'BINARY_DOUBLE', misfit }] });
  assert.deepEqual(of('half-even'), []);
  for (const rule of ['half-up', 'down'])
    assert.deepEqual(of(rule), [
      "0.columns.0: PROJECTION_POLICY: a BINARY_DOUBLE is always the nearest one: let misfit be 'half-even', 'refuse' or 'null'",
    ]);
});

test('constraints and indexes of all tables have names of their own', () => {
  const column = (name: string) => ({ name, path: 'p', type: 'NUMBER' });
  const told = (...projections: readonly object[]) =>
    problems(...projections).map((problem) => problem.replace(/: rename its table or a column$/, ''));
  const joined = { columns: ['A', 'B', 'A_B'].map(column), indexes: [['A', 'B'], ['B', 'A'], ['A_B']] };
  const same = 'PROJECTION_NAME: a constraint or an index of it would be';
  assert.deepEqual(told({ table: 'T', ...joined }), [`0: ${same} T_IX_A_B, as one of T is`]);
  const key = { table: 'T', columns: [column('PK')], indexes: [['PK']] };
  assert.deepEqual(told(key, { table: 'T_IX', columns: [] }), [`1: ${same} T_IX_PK, as one of T is`]);
  const long = { table: 'ORDERS_IX', columns: [], foreignKey: true };
  assert.deepEqual(told(key, long), []);
  const handed = { ...collection, oracle: { table: 'O_IX', projections: [] } };
  const other = { table: 'O', columns: [column('HANDED_OFF')], indexes: [['HANDED_OFF']] };
  const beside = { ...collection, keys: { include: ['b*'] }, oracle: { table: 'P', projections: [other] } };
  const all = { a: { ...handed, keys: { include: ['a*'] } }, b: beside };
  assert.deepEqual(problemsOf({ ...good, collections: all }), [
    `collections.b.oracle.projections.0: ${same} O_IX_HANDED_OFF, as one of O_IX is: rename its table or a column`,
  ]);
});

test('no table has the name that the view of another one would have', () => {
  assert.deepEqual(problems({ table: 'T', columns: [] }, { table: 'T_LIVE', columns: [] }), [
    '0.table: PROJECTION_NAME: its view, as npx crossfade schema --views prints it, would be T_LIVE, as a table is: rename one of them',
  ]);
  assert.deepEqual(problems({ table: 'ORDERS_LIVE', columns: [] }), [], 'documents have no view');
});
