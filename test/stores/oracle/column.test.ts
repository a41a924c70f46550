import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { type Column, requireColumn, valuesOf } from '../../../functions/stores/oracle/column.ts';
import { document } from '../contract/subject.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'ORDERS', key: 'o-1' } as const;
const text = (path: string, bytes = 20): Column => ({
  name: 'C',
  path,
  type: { kind: 'text', bytes },
  nullable: false,
});
const number = (precision: number, scale: number): Column => ({
  name: 'C',
  path: 'n',
  type: { kind: 'number', precision, scale },
  nullable: false,
});
const valueIn = (column: Column, body: string) => valuesOf([column], document(body), TARGET).C;

test('a path leads through members and places', () => {
  const body = '{"a":{"b":[{"c":"deep"},"second"]},"a.b":"flat","n":null}';
  assert.equal(valueIn(text('a.b[0].c'), body), 'deep');
  assert.equal(valueIn(text('a.b[1]'), body), 'second');
  assert.equal(valueIn(text('[1]'), '["x","y"]'), 'y');
  const nullable = (path: string) => ({ ...text(path), nullable: true });
  for (const path of [
    'a.c',
    'a.b[2]',
    'a[0]',
    'b.b',
    'n',
    'n.x',
    'a.b[0].c.length',
    'toString',
    'a.b.length',
  ])
    assert.equal(valueIn(nullable(path), body), null, path);
});

test('numbers keep every digit, or do not fit', () => {
  for (const [precision, scale, source, expected] of [
    [38, 0, '12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    [10, 2, '1.50', '1.5'],
    [10, 2, '-0.05', '-0.05'],
    [10, 2, '1e3', '1000'],
    [10, 2, '12345678.90', '12345678.9'],
    [3, 3, '0.001', '0.001'],
    [5, 0, '-0', '0'],
  ] as const)
    assert.equal(valueIn(number(precision, scale), `{"n":${source}}`), expected, source);
  for (const [precision, scale, source] of [
    [10, 2, '0.005'],
    [10, 2, '123456789'],
    [38, 0, '1e38'],
    [5, 0, '1e400'],
    [5, 0, '"5"'],
  ] as const)
    assert.throws(() => valueIn(number(precision, scale), `{"n":${source}}`), PoisonDocument, source);
});

test('a number that fits is the number in the document', () => {
  const anyInteger = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  fc.assert(
    fc.property(anyInteger, fc.nat(12), (integer, places) => {
      const value = valueIn(number(38, 12), `{"n":${integer}e-${places}}`) as string;
      const [whole = '', fraction = ''] = value.split('.');
      const back = BigInt(`${whole}${fraction.padEnd(12, '0')}`);
      assert.equal(back, integer * 10n ** BigInt(12 - places));
    }),
  );
});

test('what does not fit is told with path, column and remedy', () => {
  const tooLong = { ...text('customer.name', 4), name: 'CUSTOMER' };
  assert.throws(
    () => valuesOf([tooLong], document('{"customer":{"name":"éééé"}}'), TARGET),
    /ORDERS, key "o-1": there is a text of 8 bytes at customer\.name, for the column CUSTOMER \(VARCHAR2\(4 BYTE\)\)\. Mend/,
  );
  for (const body of ['{"a":""}', '{"a":1}', '{"a":null}', '{}', '[]', 'no json', '{"a":"\\ud800"}'])
    assert.throws(() => valueIn(text('a'), body), PoisonDocument, body);
});

test('a document that counts byte for byte has values all the same: one that is no UTF-8, or nested deeper than 1,000', () => {
  const deep = `{"a":"x","b":${'['.repeat(1500)}${']'.repeat(1500)}}`;
  assert.equal(valueIn(text('a'), deep), 'x');
  const bytes = Buffer.concat([Buffer.from('{"a":"x","b":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  assert.equal(valuesOf([text('a')], document(bytes), TARGET).C, 'x');
});

test('columns of one document are cut once, and those of another table by themselves', () => {
  const content = document('{"a":"x","b":"y"}');
  const [one, other] = [[text('a')], [text('b')]];
  assert.equal(valuesOf(one, content, TARGET), valuesOf(one, content, TARGET));
  assert.equal(valuesOf(other, content, TARGET).C, 'y');
});

test('a deletion empties the columns', () => {
  assert.deepEqual(valuesOf([text('a')], null, TARGET), { C: null });
});

test('a column that could not be is refused before anything is written', () => {
  requireColumn(text('a.b[0]'));
  for (const wrong of [
    { ...text('a'), name: 'lower' },
    { ...text('a'), name: 'VERSION' },
    { ...text('a'), name: 'DATE' },
    text(''),
    text('a..b'),
    text('a[x]'),
    text('.a'),
    text('a', 4001),
    number(39, 0),
    number(5, -1),
  ])
    assert.throws(() => requireColumn(wrong), /The column .* cannot be: /, JSON.stringify(wrong));
});
