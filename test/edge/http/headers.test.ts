import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expiryIn, preconditionIn } from '../../../functions/edge/http/headers.ts';
import { conditionOf, met } from '../../../functions/routing/precondition.ts';
import { document } from '../../stores/contract/subject.ts';

const NOW = Date.UTC(2026, 0, 1, 0, 0, 0, 250);
const held = { content: document('1'), version: 7n };
const gone = { content: null, version: 7n };
const conditions = (match?: string, noneMatch?: string) =>
  preconditionIn({ 'if-match': match, 'if-none-match': noneMatch });

test('preconditions hold as RFC 9110 has it', () => {
  const table = [
    [undefined, undefined, true, true],
    ['*', undefined, true, false],
    ['"7"', undefined, true, false],
    ['"6", "7"', undefined, true, false],
    ['"6"', undefined, false, false],
    ['W/"7"', undefined, false, false],
    ['"07"', undefined, false, false],
    ['"abc"', undefined, false, false],
    [undefined, '*', false, true],
    [undefined, '"7"', false, true],
    [undefined, '"6"', true, true],
    ['"7"', '"7"', false, false],
  ] as const;
  for (const [match, noneMatch, whenHeld, whenGone] of table) {
    const precondition = conditions(match, noneMatch);
    const name = `If-Match ${match}, If-None-Match ${noneMatch}`;
    assert.deepEqual([met(precondition, held), met(precondition, gone)], [whenHeld, whenGone], name);
  }
});

test('only what a store can check by itself becomes its condition', () => {
  assert.deepEqual(conditionOf(conditions()), { kind: 'none' });
  assert.deepEqual(conditionOf(conditions(undefined, '*')), { kind: 'absent' });
  assert.deepEqual(conditionOf(conditions('"18446744073709551615"')), {
    kind: 'version',
    version: 2n ** 64n - 1n,
  });
  for (const [match, noneMatch] of [
    ['*'],
    ['"1", "2"'],
    ['"1"', '*'],
    [undefined, '"1"'],
    ['W/"1"'],
    ['"abc"'],
  ] as const)
    assert.equal(conditionOf(conditions(match, noneMatch)), null);
});

test('an ETag without its quotes is refused, and told how it should be', () => {
  for (const wrong of ['7', '"7', '', '"7" "8"', '"7",'])
    assert.throws(() => conditions(wrong), /quotes included/);
});

test('expiry is absolute, in whole seconds, and lies ahead', () => {
  assert.equal(expiryIn({}, NOW), undefined);
  assert.equal(expiryIn({ 'expires-at': 'never' }, NOW), null);
  assert.equal(expiryIn({ 'expires-at': '2031-02-03T04:05:06Z' }, NOW), Date.UTC(2031, 1, 3, 4, 5, 6));
  assert.equal(
    expiryIn({ 'expires-at': '2031-02-03T04:05:06.000+01:00' }, NOW),
    Date.UTC(2031, 1, 3, 3, 5, 6),
  );
  assert.equal(expiryIn({ 'expires-at': '2032-02-29T00:00:00Z' }, NOW), Date.UTC(2032, 1, 29));
  assert.equal(expiryIn({ ttl: '60' }, NOW), Date.UTC(2026, 0, 1, 0, 1, 0));
  for (const at of [
    '2031-02-03',
    '2031-02-03T04:05:06',
    '2031-02-03T04:05:06.5Z',
    'soon',
    '1',
    '2031-13-01T00:00:00Z',
    // There is no such day, and no such hour.
    '2031-02-31T00:00:00Z',
    '2031-02-29T00:00:00Z',
    '2031-04-31T00:00:00+01:00',
    '2031-02-03T24:00:00Z',
    '2031-00-10T00:00:00Z',
  ])
    assert.throws(() => expiryIn({ 'expires-at': at }, NOW), /2031-05-06T07:08:09Z/);
  for (const at of ['2025-12-31T23:59:59Z', '2106-03-01T00:00:00Z'])
    assert.throws(() => expiryIn({ 'expires-at': at }, NOW), /must lie in the future/);
  for (const ttl of ['0', '-1', '1.5', 'x', '']) assert.throws(() => expiryIn({ ttl }, NOW), /whole seconds/);
  assert.throws(() => expiryIn({ ttl: '5', 'expires-at': 'never' }, NOW), /one of them/);
});
