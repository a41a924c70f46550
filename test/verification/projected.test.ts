/** What rows of projections differ in, and what is told of it: tables, places, columns and paths, and nothing that a row holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bound, Projected, ProjectedColumn, Projection } from '../../functions/projection/projection.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { figuresOf, lenientFinding } from '../../functions/verification/lenient.ts';
import { rowDifferences, rowDifferencesText } from '../../functions/verification/projected.ts';
import { judgeRows } from '../../functions/verification/projected_look.ts';
import { explainsRows, projectedOf } from '../../functions/verification/projected_ports.ts';
import { notTolerated } from '../../functions/verification/tolerance.ts';
import { projectedLines } from '../../infra/console/told/projected.ts';

const column = (name: string, source: ProjectedColumn['source']): ProjectedColumn => ({
  ...{ name, source, type: { kind: 'text', length: 20, unit: 'bytes' } },
  ...{ missing: { kind: 'null' }, misfit: { kind: 'refuse' } },
});
const projection = (table: string, each: string | null, columns: readonly ProjectedColumn[]): Projection => ({
  ...{ table, where: [], each, columns, identifiedBy: null, foreignKey: false, indexes: [] },
});
const HOTEL = projection('HOTEL', null, [
  column('NAME', { kind: 'document', path: 'name' }),
  column('KIND', { kind: 'constant', value: 'hotel' }),
  column('CITY', { kind: 'key', separator: ':', part: 1 }),
]);
const REVIEW = projection('REVIEW', 'reviews', [
  column('STARS', { kind: 'element', path: 'stars' }),
  column('WHOLE', { kind: 'element', path: '' }),
  column('FIRST', { kind: 'element', path: '[0].a' }),
]);
const BOTH = [HOTEL, REVIEW];

const row = (place: number, ...values: readonly Bound[]) => ({ place, values });
const given = (table: string, ...rows: Projected['rows']): Projected => ({
  table,
  rows,
  taken: true,
  lenient: [],
  missing: [],
});
const found = (tables: Record<string, Projected['rows']>) => new Map(Object.entries(tables));
const told = (wanted: readonly Projected[], has: Record<string, Projected['rows']>) =>
  rowDifferences(BOTH, wanted, found(has));

test('rows that are those that the document gives do not differ, whatever order they were read in', () => {
  const wanted = [
    given('HOTEL', row(0, 'a', 'hotel', null)),
    given('REVIEW', row(0, '1', 'x', null), row(1, '2', 'y', null)),
  ];
  const has = {
    HOTEL: [row(0, 'a', 'hotel', null)],
    REVIEW: [row(1, '2', 'y', null), row(0, '1', 'x', null)],
  };
  assert.deepEqual(told(wanted, has), []);
  assert.deepEqual(told([], {}), []);
  // A table without rows may be left out on either side.
  assert.deepEqual(told([given('HOTEL')], { REVIEW: [] }), []);
});

test('a row that is missing, one that is too much, and a value that is another are told apart, the first in each table', () => {
  const wanted = [
    given('HOTEL', row(0, 'a', 'hotel', 'x')),
    given('REVIEW', row(0, '1', '', ''), row(1, '2', '', '')),
  ];
  assert.deepEqual(told(wanted, {}), [
    { table: 'HOTEL', what: 'missing', place: null, column: null, path: null },
    { table: 'REVIEW', what: 'missing', place: 0, column: null, path: null },
  ]);
  const has = { HOTEL: [row(0, 'a', 'hotel', 'y')], REVIEW: [row(1, '2', '', ''), row(2, '3', '', '')] };
  assert.deepEqual(told(wanted, has), [
    { table: 'HOTEL', what: 'value', place: null, column: 'CITY', path: 'part 1 of the key' },
    { table: 'REVIEW', what: 'missing', place: 0, column: null, path: null },
  ]);
  assert.deepEqual(told([], { HOTEL: [row(0, 'a', 'b', 'c')], REVIEW: [row(3, null, null, null)] }), [
    { table: 'HOTEL', what: 'extra', place: null, column: null, path: null },
    { table: 'REVIEW', what: 'extra', place: 3, column: null, path: null },
  ]);
  // Of one place there is one row.
  const twice = {
    HOTEL: [row(0, 'a', 'hotel', 'x')],
    REVIEW: [row(0, '1', '', ''), row(0, '1', '', ''), row(1, '2', '', '')],
  };
  assert.deepEqual(
    told(wanted, twice).map(({ what, place }) => [what, place]),
    [['extra', 0]],
  );
});

test('the path of a value names the place of its element, as the path of a lenient value does', () => {
  const paths = [0, 1, 2].map((at) => {
    const values = ['a', 'b', 'c'];
    const other = values.with(at, 'z');
    return told([given('REVIEW', row(4, ...values))], { REVIEW: [row(4, ...other)] })[0]?.path;
  });
  assert.deepEqual(paths, ['reviews[4].stars', 'reviews[4]', 'reviews[4][0].a']);
  const of = (name: string) => HOTEL.columns.findIndex((each) => each.name === name);
  const values = ['a', 'b', 'c'];
  for (const [name, path] of [
    ['NAME', 'name'],
    ['KIND', 'a constant'],
    ['CITY', 'part 1 of the key'],
  ] as const) {
    const has = { HOTEL: [row(0, ...values.with(of(name), null as never))] };
    assert.equal(told([given('HOTEL', row(0, ...values))], has)[0]?.path, path);
  }
});

test('what is told names tables, places, columns and paths, and no value', () => {
  const wanted = [given('HOTEL', row(0, 'secret', 'hotel', 'x')), given('REVIEW', row(0, 'secret', '', ''))];
  const has = {
    HOTEL: [row(0, 'private', 'hotel', 'x')],
    REVIEW: [row(0, 'secret', '', ''), row(7, 'private', '', '')],
  };
  const text = rowDifferencesText(told(wanted, has));
  assert.equal(
    text,
    'HOTEL, column NAME (name): the value is another than the document gives; REVIEW, place 7: there is a row that the document does not give',
  );
  assert.doesNotMatch(text, /secret|private/);
});

const lenient = (table: string, name: string, became: 'null' | 'rounded', place = 0) => ({
  ...{ table, column: name, path: `reviews[${place}].stars`, became },
});

test('lenient values are counted by column, beside the rows of their table', () => {
  const one = {
    ...given('REVIEW', row(0), row(1)),
    lenient: [lenient('REVIEW', 'STARS', 'null'), lenient('REVIEW', 'STARS', 'rounded')],
  };
  const other = {
    ...given('REVIEW', row(0)),
    lenient: [lenient('REVIEW', 'STARS', 'null'), lenient('REVIEW', 'WHOLE', 'null')],
  };
  assert.deepEqual(figuresOf([one, given('HOTEL', row(0)), other]), [
    {
      ...{ table: 'REVIEW', rows: 3 },
      lenient: [
        { column: 'STARS', nulled: 2, rounded: 1 },
        { column: 'WHOLE', nulled: 1, rounded: 0 },
      ],
    },
    { table: 'HOTEL', rows: 1, lenient: [] },
  ]);
});

test('a finding names the first lenient values of a document by path, and how many more there are', () => {
  assert.equal(lenientFinding('k', [given('REVIEW', row(0))]), null);
  const many = Array.from({ length: 23 }, (_, n) =>
    lenient('REVIEW', 'STARS', n === 0 ? 'rounded' : 'null', n),
  );
  const finding = lenientFinding('k', [{ ...given('REVIEW'), lenient: many }]);
  assert.deepEqual(
    [finding?.key, finding?.verdict, finding?.kind, finding?.seen],
    ['k', 'lenient', 'projected', null],
  );
  assert.match(
    finding?.detail ?? '',
    /^REVIEW\.STARS is rounded: reviews\[0\]\.stars; REVIEW\.STARS is NULL, since its value does not fit: reviews\[1\]/,
  );
  assert.match(finding?.detail ?? '', /reviews\[19\]\.stars; and 3 more$/);
});

test('a column is not tolerated where more than its share of the rows of its table are lenient', () => {
  const bearing = (tolerate?: number) => [
    {
      ...REVIEW,
      columns: REVIEW.columns.map((each) => (each.name === 'STARS' ? { ...each, tolerate } : each)),
    },
  ];
  const figures = [{ table: 'REVIEW', rows: 2000, lenient: [{ column: 'STARS', nulled: 3, rounded: 1 }] }];
  const told = { table: 'REVIEW', column: 'STARS', rows: 2000, lenient: 4, tolerate: 1999 };
  assert.deepEqual(notTolerated(bearing(1999), figures), [told]);
  assert.deepEqual(notTolerated(bearing(2000), figures), []);
  // Where nothing is set any number is borne, as that of a column that is not there any more.
  for (const projections of [bearing(), [HOTEL], []])
    assert.deepEqual(notTolerated(projections, figures), []);
});

test('people are told the rows of each table, what was lenient by column, and what is above its setting', () => {
  assert.deepEqual(projectedLines({}), []);
  const counted = [{ table: 'T', rows: 2000, lenient: [{ column: 'C', nulled: 3, rounded: 1 }] }];
  const [rows, values, above] = projectedLines({
    projected: counted,
    notTolerated: [{ table: 'T', column: 'C', lenient: 4, rows: 2000, tolerate: 5 }],
  });
  assert.equal(rows, '2000 rows of T');
  assert.equal(values, '  T.C: 3 values are NULL since they do not fit, 1 are rounded');
  assert.match(
    above ?? '',
    /^LENIENT: 4 of 2000 values of T\.C are NULL or rounded.* above the 5 that it tolerates\. The run is not clean/,
  );
});

test('rows are looked at where Oracle is written and the collection has projections, and nowhere else', () => {
  const of = { collection: 'c', run: 'r', now: Date.now, timeout: 1 };
  const looksIn = (phase: Phase, projections: readonly Projection[]) =>
    projectedOf(
      { database: null as never, table: { name: 'T', columns: [], projections } },
      { ...of, phase },
    ) !== undefined;
  assert.deepEqual(
    PHASES.filter((phase) => looksIn(phase, BOTH)),
    ['expand', 'seal', 'switch', 'settle', 'contract'],
  );
  assert.ok(!looksIn('settle', []));
  assert.deepEqual(
    explainsRows({ database: null as never, table: { name: 'T', columns: [], projections: [] } }),
    {},
  );
});

test('what is wrong with the code is no difference of a document', () => {
  const broken = { ...HOTEL, columns: null } as unknown as Projection;
  const seen = { body: Buffer.from('{}') };
  assert.throws(() => judgeRows([broken], 'k', seen, new Map()), TypeError);
  assert.equal(judgeRows([HOTEL], 'k', { body: null }, new Map()).difference, null);
});
