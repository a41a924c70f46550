/** What is told of one document's rows in tables of projections: what it gives, what is there, where they differ, and no value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Projection } from '../../functions/projection/projection.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import { explainRows } from '../../functions/verification/explain_rows.ts';
import { explainedRowsLines } from '../../infra/console/told/projected.ts';

const live = (body: string | null): Seen => ({
  ...{ ...NOTHING, presence: 'live', version: 7n, expires: 86_400 },
  body: body === null ? null : Buffer.from(body),
});
const projection = (table: string, each: string | null, path: string): Projection => ({
  ...{ table, each, where: [], identifiedBy: null, foreignKey: false, indexes: [] },
  columns: [
    {
      ...{ name: 'A', source: { kind: each === null ? 'document' : 'element', path } },
      ...{
        type: { kind: 'text', length: 3, unit: 'bytes' },
        missing: { kind: 'null' },
        misfit: { kind: 'null' },
      },
    },
  ],
});
const BOTH = [projection('T', null, 'a'), projection('LINES', 'lines', '')];
const FOUND = new Map([['T', [{ place: 0, values: ['secret'] }]]]);
const told = (oracle: Seen) => explainRows(BOTH, 'k', oracle, FOUND);

test('of each table it is told how many rows the document gives, how many are there, and the first difference', () => {
  const { tables, problem } = told(live('{"a":"abc","lines":["secrets","x"]}'));
  assert.equal(problem, null);
  assert.deepEqual(tables, [
    {
      ...{ table: 'T', given: 1, found: 1, lenient: [] },
      difference: 'T, column A (a): the value is another than the document gives',
    },
    {
      ...{ table: 'LINES', given: 2, found: 0 },
      lenient: ['LINES.A is NULL, since its value does not fit: lines[0]'],
      difference: 'LINES, place 0: the row that the document gives is missing',
    },
  ]);
  const same = explainRows(BOTH, 'k', live('{"a":"abc"}'), new Map([['T', [{ place: 0, values: ['abc'] }]]]));
  assert.deepEqual(same.tables, [
    { table: 'T', given: 1, found: 1, lenient: [], difference: null },
    { table: 'LINES', given: 0, found: 0, lenient: [], difference: null },
  ]);
});

test('a document that is not there gives no rows, and those that are left are a difference', () => {
  assert.deepEqual(
    told(NOTHING).tables.map(({ given, found, difference }) => [given, found, difference]),
    [
      [0, 1, 'T: there is a row that the document does not give'],
      [0, 0, null],
    ],
  );
});

test('what a document gives is not known where it cannot be projected, or its body was too large to be read', () => {
  const refused = told(live('{"lines":{"secret":1}}'));
  const large = told(live(null));
  for (const { tables } of [refused, large])
    assert.deepEqual(
      tables.map(({ given, difference }) => [given, difference]),
      [
        [null, null],
        [null, null],
      ],
    );
  assert.match(refused.problem ?? '', /lines, for the table LINES/);
  assert.equal(large.problem, null);
});

test('people are told no value of it', () => {
  const lines = [live('{"a":"abc","lines":["secrets","x"]}'), live('{"lines":{"secret":1}}')]
    .flatMap((oracle) => explainedRowsLines(told(oracle)))
    .join('\n');
  assert.match(lines, /T: 1 row, the document gives 1\. They differ: T, column A/);
  assert.match(lines, /LINES: 0 rows, the document gives 2; LINES\.A is NULL/);
  assert.match(lines, /T: 1 row, what the document gives is not known/);
  assert.match(lines, /It cannot be written to these tables: .*LINES/);
  assert.doesNotMatch(lines, /secret/);
});
