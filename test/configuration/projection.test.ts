/** Projections of the settings: short forms, what they stand for, and all that is wrong with them at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Configuration,
  mappingOf,
  parseConfiguration,
} from '../../functions/configuration/configuration.ts';
import { projection } from './good.ts';
import { configured, problems } from './projection_settings.ts';

/** As a settings file writes it. */
type Written = NonNullable<Configuration['collections'][string]['oracle']['projections']>[number];

const parsed = (given: unknown) => {
  const { orders } = parseConfiguration(configured([given]), 'here').collections;
  return orders?.oracle.projections[0];
};
const column = { name: 'A', path: 'a', type: 'CLOB' };
const typed = (type: unknown, more: object = {}) => ({ table: 'T', columns: [{ ...column, type, ...more }] });

test('a table with its columns is enough: the rest has a default', () => {
  assert.deepEqual(parsed({ table: 'T', columns: [column] }), {
    ...{
      table: 'T',
      where: [],
      each: null,
      most: 10_000,
      identifiedBy: null,
      foreignKey: false,
      indexes: [],
    },
    columns: [
      {
        ...{ name: 'A', source: { kind: 'document', path: 'a' }, type: { kind: 'clob' } },
        ...{ missing: { kind: 'null' }, misfit: { kind: 'refuse' } },
      },
    ],
  });
});

test('each short form stands for a long one, which is taken as well', () => {
  const short = {
    ...{ table: 'ORDER_LINES', each: 'lines', most: 500, identifiedBy: ['SKU'], foreignKey: true },
    indexes: [['PRICE', 'DOC_KEY']],
    where: { key: 'order::*', equals: { type: 'order' }, present: ['lines'] },
    columns: [
      { name: 'SKU', element: 'sku', type: 'VARCHAR2(40 CHAR)', missing: 'refuse' },
      { name: 'PRICE', element: 'price', type: 'NUMBER(12, 2)', misfit: 'half-even', tolerate: 100 },
      {
        ...{ name: 'ORDERED', path: 'at', misfit: 'null' },
        type: { kind: 'timestamp', zone: true, fraction: 3, formats: ['iso', 'milliseconds'] },
      },
      {
        ...{ name: 'TENANT', key: { separator: '::', part: 1 } },
        type: { kind: 'raw', length: 16, encoding: 'base64' },
      },
      { name: 'CURRENCY', constant: 'EUR', type: 'VARCHAR2(3 BYTE)', missing: { default: 'EUR' } },
    ],
  } satisfies Written;
  assert.deepEqual(parsed(short), projection);
  assert.equal(JSON.stringify(parsed(parsed(short))), JSON.stringify(parsed(projection)));
});

test('types are written as Oracle writes them, or by their parts', () => {
  const iso = { formats: ['iso'] };
  for (const [written, type] of [
    ['NUMBER', { kind: 'number', precision: null, scale: null }],
    ['NUMBER(9)', { kind: 'number', precision: 9, scale: 0 }],
    ['NUMBER(3, 3)', { kind: 'number', precision: 3, scale: 3 }],
    ['NUMBER(38,10)', { kind: 'number', precision: 38, scale: 10 }],
    [
      { kind: 'number', precision: 9 },
      { kind: 'number', precision: 9, scale: 0 },
    ],
    ['BINARY_DOUBLE', { kind: 'double' }],
    ['VARCHAR2(4000 BYTE)', { kind: 'text', length: 4000, unit: 'bytes' }],
    ['VARCHAR2 (1 CHAR)', { kind: 'text', length: 1, unit: 'characters' }],
    ['BOOLEAN', { kind: 'boolean', native: true }],
    [{ kind: 'boolean' }, { kind: 'boolean', native: false }],
    ['DATE', { kind: 'date', ...iso }],
    ['TIMESTAMP', { kind: 'timestamp', zone: false, fraction: 6, ...iso }],
    ['TIMESTAMP(0)', { kind: 'timestamp', zone: false, fraction: 0, ...iso }],
    ['TIMESTAMP WITH TIME ZONE', { kind: 'timestamp', zone: true, fraction: 6, ...iso }],
    ['TIMESTAMP(9) WITH TIME ZONE', { kind: 'timestamp', zone: true, fraction: 9, ...iso }],
    ['RAW(2000)', { kind: 'raw', length: 2000, encoding: 'hex' }],
    ['JSON', { kind: 'json', native: true }],
    [{ kind: 'json' }, { kind: 'json', native: false }],
  ] as const)
    assert.deepEqual(parsed(typed(written))?.columns[0]?.type, type, JSON.stringify(written));
});

test('a type that cannot be is told', () => {
  for (const [type, problem] of [
    ['VARCHAR2(100)', /^0\.columns\.0\.type: it is no type that a column can have: write NUMBER, /],
    ['number', /it is no type/],
    ['VARCHAR2(4001 BYTE)', /\.type\.length: it must be 4000 or less/],
    ['NUMBER(39)', /\.type\.precision: it must be 38 or less/],
    ['NUMBER(0)', /\.type\.precision: it must be 1 or more/],
    ['NUMBER(5, 6)', /\.type: its scale must be its precision or less/],
    [{ kind: 'number', scale: 2 }, /\.type: a scale needs a precision/],
    ['TIMESTAMP(10)', /\.type\.fraction: it must be 9 or less/],
    ['RAW(2001)', /\.type\.length: it must be 2000 or less/],
    [{ kind: 'date', formats: [] }, /\.type\.formats: there must be 1 or more/],
    [{ kind: 'date', formats: ['iso', 'iso'] }, /\.type\.formats: each must be there once/],
    [{ kind: 'blob' }, /\.type\.kind: /],
  ] as const) {
    const [told = '', ...others] = problems(typed(type));
    assert.match(told, problem);
    assert.deepEqual(others, [], JSON.stringify(type));
  }
});

test('a path that cannot be read is told wherever it stands', () => {
  const told = problems({
    ...{ table: 'T', each: 'a..b', where: { equals: { '[x]': 1 }, present: ['.a'] } },
    columns: [{ ...column, path: 'a[' }],
  });
  assert.deepEqual(
    told.map((problem) => problem.split(':')[0]),
    ['0.where.equals.[x]', '0.where.present.0', '0.each', '0.columns.0.path'],
  );
  for (const problem of told)
    assert.match(problem, /: it cannot be read: write members and places as a\.b\[0\]\.c/);
});

test('a column says in one way where its value comes from', () => {
  for (const source of [
    { path: undefined },
    { element: 'x' },
    { constant: 1 },
    { source: { kind: 'document', path: 'a' } },
  ])
    assert.match(
      problems({ table: 'T', each: 'l', columns: [{ ...column, ...source }] })[0] ?? '',
      /0\.columns\.0: it must say where its value comes from, in one way/,
    );
});

test('values of the settings are those that were written', () => {
  for (const [value, problem] of [
    [2 ** 53, /write it as a text/],
    [Number.POSITIVE_INFINITY, /it must be finite/],
    [null, /it must be a text, a number, true or false/],
    ['\ud800', /lone surrogate/],
  ] as const)
    assert.match(
      problems({ table: 'T', columns: [{ ...column, path: undefined, constant: value }] })[0] ?? '',
      problem,
    );
});

test('runs of before count beside other indexes and other bounds of gates, and not beside other rows', () => {
  const mapped = (given: object) => {
    const { orders } = parseConfiguration(configured([{ ...projection, ...given }]), 'here').collections;
    assert.ok(orders !== undefined);
    return JSON.stringify(mappingOf(orders));
  };
  const [first, ...rest] = projection.columns;
  const tolerant = projection.columns.map((each) => ('tolerate' in each ? { ...each, tolerate: 5 } : each));
  for (const same of [{ indexes: [] }, { foreignKey: false }, { columns: tolerant }])
    assert.equal(mapped(same), mapped({}));
  for (const other of [
    { table: 'U' },
    { where: [] },
    { each: 'parts' },
    { most: 501 },
    { identifiedBy: null },
    { columns: projection.columns.slice(0, 4) },
    { columns: [...rest, first] },
  ])
    assert.notEqual(mapped(other), mapped({}));
});
