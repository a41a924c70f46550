import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project } from '../../functions/projection/project.ts';
import type { Projection } from '../../functions/projection/projection.ts';
import { document } from '../stores/contract/subject.ts';
import { column, projection, rowsOf } from './given.ts';

test('a document is taken by its key, by what it says, and by what it has; it must meet all of it', () => {
  const taken = (where: Projection['where'], body: string, key = 'airport::1') =>
    rowsOf({ where }, body, key)?.length === 1;
  assert.ok(taken([{ kind: 'key', pattern: 'airport::*' }], 'no JSON'));
  assert.ok(!taken([{ kind: 'key', pattern: 'airport::*' }], '{}', 'route::1'));
  const equals = (value: string | number | boolean) => [{ kind: 'equals', path: 't', value } as const];
  assert.ok(taken(equals('a"é'), '{"t":"a\\u0022\\u00e9"}'));
  assert.ok(taken(equals(1), '{"t":10e-1}'));
  assert.ok(taken(equals(0.1), '{"t":0.10}'));
  assert.ok(taken(equals(true), '{"t":true}'));
  for (const [value, body] of [
    ['1', '{"t":1}'],
    [1, '{"t":"1"}'],
    [1, '{"t":1.0000000000000000001}'],
    [true, '{"t":"true"}'],
    ['null', '{"t":null}'],
    ['a', '{"t":["a"]}'],
    ['a', '{}'],
    ['a', 'no JSON'],
  ] as const)
    assert.ok(!taken(equals(value), body), body);
  const present = [{ kind: 'present', path: 'a.b' } as const];
  for (const body of ['{"a":{"b":0}}', '{"a":{"b":""}}', '{"a":{"b":{}}}', '{"a":{"b":false}}'])
    assert.ok(taken(present, body), body);
  for (const body of ['{"a":{"b":null}}', '{"a":[]}', '{}']) assert.ok(!taken(present, body), body);
  assert.ok(!taken([...present, ...equals('x')], '{"a":{"b":1},"t":"y"}'));
});

test('a document that becomes one of another type leaves the one table and comes to the other', () => {
  const tables = ['airport', 'route'].map((type) =>
    projection({
      ...{ table: type.toUpperCase(), columns: [column('NAME', 'name')] },
      where: [{ kind: 'equals', path: 'type', value: type }],
    }),
  );
  const rows = (type: string) =>
    project(tables, 'k', document(`{"type":"${type}","name":"n"}`)).map((each) => [
      each.table,
      each.rows.length,
    ]);
  assert.deepEqual(rows('airport'), [
    ['AIRPORT', 1],
    ['ROUTE', 0],
  ]);
  assert.deepEqual(rows('route'), [
    ['AIRPORT', 0],
    ['ROUTE', 1],
  ]);
  assert.deepEqual(rows('else'), [
    ['AIRPORT', 0],
    ['ROUTE', 0],
  ]);
});
