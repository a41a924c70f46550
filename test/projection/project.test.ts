import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledBy } from '../../functions/projection/filled.ts';
import { MOST_ELEMENTS, project } from '../../functions/projection/project.ts';
import { type Misplaced, type Projection, Unprojectable } from '../../functions/projection/projection.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import { document } from '../stores/contract/subject.ts';
import { column, NUMBER, projection, rowsOf } from './given.ts';

/** What is told of a document that is refused. */
function refusal(of: Partial<Projection>, body: string): Misplaced & { readonly message: string } {
  try {
    rowsOf(of, body);
  } catch (error) {
    if (error instanceof Unprojectable) return { ...error.at, message: error.message };
    throw error;
  }
  return assert.fail('it is taken');
}

test('a document gives one row, with values from it, from its key and from the settings', () => {
  const columns = [
    column('NAME', 'name'),
    column('CITY', 'addresses[-1]["city.name"]'),
    column('TENANT', { kind: 'key', separator: '::', part: 1 }),
    column('LAST', { kind: 'key', separator: '::', part: -1 }),
    column('NONE', { kind: 'key', separator: '::', part: 9 }),
    column('SOURCE', { kind: 'constant', value: 'shop' }),
    column('N', { kind: 'constant', value: 1.5 }, { type: NUMBER }),
    column('YES', { kind: 'constant', value: true }, { type: { kind: 'boolean', native: false } }),
  ];
  const body = '{"name":"Ann","addresses":[{},{"city.name":"Ulm"}]}';
  assert.deepEqual(rowsOf({ columns }, body, 'user::t1::7'), [
    { place: 0, values: ['Ann', 'Ulm', 't1', '7', null, 'shop', '1.5', '1'] },
  ]);
});

test('an array gives a row for each of its elements, in their order, beside what the document says', () => {
  const of = { each: 'lines', columns: [column('SKU', '@sku'), column('DAY', 'day'), column('ALL', '@')] };
  const body = '{"day":"d","lines":[{"sku":"a"},{"sku":"b"},{}]}';
  assert.deepEqual(rowsOf({ ...of, columns: of.columns.slice(0, 2) }, body), [
    { place: 0, values: ['a', 'd'] },
    { place: 1, values: ['b', 'd'] },
    { place: 2, values: [null, 'd'] },
  ]);
  assert.deepEqual(
    rowsOf({ ...of, columns: of.columns.slice(2) }, '{"lines":["x","y"]}')?.map(({ values }) => values),
    [['x'], ['y']],
  );
  assert.equal(rowsOf({ each: '', columns: [column('ALL', '@')] }, '["x","y"]')?.length, 2);
});

test('an array that is not there, is null or empty gives no row, and anything else is refused', () => {
  const of = { each: 'lines', columns: [column('SKU', '@sku', { missing: { kind: 'refuse' } })] };
  for (const body of ['{}', '{"lines":null}', '{"lines":[]}', '[]', 'no JSON', '7'])
    assert.deepEqual(rowsOf(of, body), [], body);
  for (const [body, kind] of [
    ['{"lines":{"sku":"a"}}', 'an object of 1 members'],
    ['{"lines":"secret"}', 'a text of 6 characters'],
    ['{"lines":3}', 'a number'],
  ] as const)
    assert.deepEqual(refusal(of, body), {
      ...{ table: 'T', column: null, path: 'lines' },
      message: `there is ${kind}, and no array at lines, for the table T. Mend the document, or the projection`,
    });
});

test('an array is refused above its bound, and not below it', () => {
  const lines = (count: number) => `{"lines":[${Array(count).fill(1).join()}]}`;
  const of = { each: 'lines', columns: [] };
  assert.equal(rowsOf({ ...of, most: 2 }, lines(2))?.length, 2);
  assert.match(
    refusal({ ...of, most: 2 }, lines(3)).message,
    /^there is an array of 3 elements, above the 2 that may be there at lines,/,
  );
  assert.equal(rowsOf(of, lines(MOST_ELEMENTS))?.length, MOST_ELEMENTS);
  assert.match(refusal(of, lines(MOST_ELEMENTS + 1)).message, /an array of 10001 elements, above the 10000/);
});

test('a document that is deleted gives no rows, and neither does one that no predicate is met by', () => {
  const of = projection({ where: [{ kind: 'present', path: 'a' }], columns: [column('A', 'a')] });
  for (const content of [null, document('{}')])
    assert.deepEqual(project([of], 'k', content), [
      { table: 'T', taken: false, rows: [], lenient: [], missing: [0] },
    ]);
  assert.equal(project([of], 'k', document('{"a":"x"}'))[0]?.taken, true);
  assert.deepEqual(project([], 'k', document('{}')), []);
});

test('a value that does not fit is told with table, column, path, kind and length, and never shown', () => {
  const refuse = { missing: { kind: 'refuse' } } as const;
  const of = { each: 'lines', columns: [column('SKU', '@a.sku', refuse), column('DAY', 'day', refuse)] };
  assert.deepEqual(refusal(of, '{"day":"d","lines":[{"a":{"sku":"x"}},{"a":{"sku":"secret-and-long"}}]}'), {
    ...{ table: 'T', column: 'SKU', path: 'lines[1].a.sku' },
    message:
      'there is a text of 15 characters at lines[1].a.sku, for the column SKU of T. Mend the document, or the projection',
  });
  assert.deepEqual(refusal(of, '{"day":"d","lines":[{}]}').path, 'lines[0].a.sku');
  assert.deepEqual(refusal(of, '{"lines":[{"a":{"sku":"x"}}]}').path, 'day');
  assert.deepEqual(rowsOf(of, '{"lines":[]}'), []);
  const key = column('P', { kind: 'key', separator: '-', part: 3 }, refuse);
  assert.equal(refusal({ columns: [key] }, '{}').path, 'part 3 of the key');
  assert.equal(
    refusal({ columns: [column('C', { kind: 'constant', value: 'much too long' })] }, '{}').path,
    'the constant',
  );
});

test('elements with the same key in their table are told with both places', () => {
  const of = {
    ...{ each: 'lines', identifiedBy: ['SKU', 'N'] },
    columns: [column('NOTE', '@note'), column('N', '@n', { type: NUMBER }), column('SKU', '@sku')],
  };
  const line = (sku: string, n: string) => `{"sku":"${sku}","n":${n},"note":"same"}`;
  const body = (...lines: string[]) => `{"lines":[${lines.join()}]}`;
  assert.equal(rowsOf(of, body(line('a', '1'), line('a', '2'), line('b', '1')))?.length, 3);
  assert.deepEqual(refusal(of, body(line('a', '1'), line('b', '1'), line('a', '1.0'))), {
    ...{ table: 'T', column: null, path: 'lines[2]' },
    message:
      'there is the same SKU, N as at lines[0] at lines[2], for the table T. Mend the document, or the projection',
  });
  // What is spelt alike and belongs to other columns is not the same.
  assert.equal(rowsOf({ ...of, identifiedBy: null }, body(line('a', '1'), line('a', '1')))?.length, 2);
});

test('what a policy has made of values is told by column and path, and what was missing is counted', () => {
  const of = projection({
    ...{ table: 'LINES', each: 'lines' },
    columns: [
      column('PRICE', '@price', {
        type: { kind: 'number', precision: 5, scale: 2 },
        misfit: { kind: 'round', rule: 'half-even' },
      }),
      column('NOTE', '@note', { misfit: { kind: 'null' } }),
      column('KIND', 'kind', { missing: { kind: 'default', value: 'usual' } }),
    ],
  });
  const content = document(
    '{"lines":[{"price":1.005,"note":""},{"price":2,"note":"much too long"},{"note":null}]}',
  );
  const [projected] = project([of], 'k', content);
  assert.deepEqual(
    projected?.rows.map(({ values }) => values),
    [
      ['1', null, 'usual'],
      ['2', null, 'usual'],
      [null, null, 'usual'],
    ],
  );
  assert.deepEqual(projected?.lenient, [
    { table: 'LINES', column: 'PRICE', path: 'lines[0].price', became: 'rounded' },
    { table: 'LINES', column: 'NOTE', path: 'lines[1].note', became: 'null' },
  ]);
  assert.deepEqual(projected?.missing, [1, 2, 3]);
  assert.deepEqual(filledBy([of], 'k', content), [
    {
      ...{ taken: 1, rows: 3, refused: 0 },
      columns: [
        { missing: 1, nulled: 0, rounded: 1, refused: 0 },
        { missing: 2, nulled: 1, rounded: 0, refused: 0 },
        { missing: 3, nulled: 0, rounded: 0, refused: 0 },
      ],
    },
  ]);
});

test('where there are no projections the body of a document is not read', () => {
  class Unread extends Payload {
    override get json(): never {
      return assert.fail('it is read');
    }
  }
  const content = { ...document('{}'), payload: new Unread(Buffer.from('{}'), null) };
  assert.deepEqual(project([], 'k', content), []);
  assert.throws(() => project([projection({})], 'k', content), /it is read/);
});

test('the rows of a payload are worked out once for a key, and those of other projections by themselves', () => {
  const content = document('{"a":"x"}');
  const part = { columns: [column('P', { kind: 'key', separator: ':', part: 0 })] };
  const [one, other] = [[projection(part)], [projection({ ...part, table: 'U' })]];
  assert.equal(project(one, 'k', content), project(one, 'k', content));
  assert.equal(project(other, 'k', content)[0]?.table, 'U');
  assert.deepEqual(project(one, 'l:1', content)[0]?.rows[0]?.values, ['l']);
});

test('many rows are not kept with their document, of which a batch may hold many', () => {
  const each = [projection({ each: '' }), projection({ table: 'U', each: '' })];
  const rows = (count: number) => {
    const content = document(`[${Array(count).fill(1).join()}]`);
    const first = project(each, 'k', content);
    assert.equal(first[1]?.rows.length, count);
    return project(each, 'k', content) === first;
  };
  assert.deepEqual([rows(50), rows(51)], [true, false]);
});

test('a document that counts byte for byte has values all the same: one that is no UTF-8, or nested deeper than 1,000', () => {
  const of = { columns: [column('A', 'a')] };
  assert.deepEqual(rowsOf(of, `{"a":"x","b":${'['.repeat(1500)}${']'.repeat(1500)}}`)?.[0]?.values, ['x']);
  const bytes = Buffer.concat([Buffer.from('{"a":"x","b":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  assert.deepEqual(project([projection(of)], 'k', document(bytes))[0]?.rows[0]?.values, ['x']);
  assert.deepEqual(rowsOf(of, 'no JSON')?.[0]?.values, [null]);
});
