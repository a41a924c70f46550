/** Statements on the tables of projections, and the messages in which rows travel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import type { ProjectedColumn, Projection } from '../../../functions/projection/projection.ts';
import type { ColumnType } from '../../../functions/projection/types/column_type.ts';
import {
  deletion,
  insertion,
  isMerged,
  merging,
  messagesOf,
  type Row,
} from '../../../functions/stores/oracle/row_statements.ts';

const column = (name: string, type: ColumnType): ProjectedColumn => ({
  ...{ name, type },
  source: { kind: 'document', path: name },
  missing: { kind: 'null' },
  misfit: { kind: 'refuse' },
});
const NOTE = column('NOTE', { kind: 'clob' });
const SIZE = column('SIZE_OF', { kind: 'double' });
const AT = column('AT', { kind: 'date', formats: ['iso'] });
const tableOf = (each: string | null, ...columns: Projection['columns']): Projection => ({
  ...{ table: 'T', where: [], each, columns, identifiedBy: null, foreignKey: false, indexes: [] },
});

test('values are bound in the order of the text, long ones last, with the length of the longest', () => {
  const statement = insertion(tableOf('lines', NOTE, SIZE, AT));
  assert.equal(
    statement.text,
    "INSERT INTO T (doc_key, place, SIZE_OF, AT, NOTE) VALUES (:key, :place, :c_SIZE_OF, TO_DATE(:c_AT, 'YYYY-MM-DD HH24:MI:SS'), :c_NOTE)",
  );
  const rows = ['é', 'abc', null].map((note, place) =>
    statement.bind('k', { place, values: [note, '1.5', '2024-02-29 00:00:00'] }),
  );
  assert.deepEqual(rows[0], ['k', 0, 1.5, '2024-02-29 00:00:00', 'é']);
  const [key, place, size, , note] = statement.typesOf(rows);
  assert.deepEqual(
    [key?.maxSize, place?.type, size?.type],
    [250, oracledb.NUMBER, oracledb.DB_TYPE_BINARY_DOUBLE],
  );
  assert.deepEqual(note, { type: oracledb.STRING, maxSize: 3 });
});

test('one row a document is merged where none of its values may be long, and each value is bound twice', () => {
  assert.deepEqual(
    [tableOf(null, AT, SIZE), tableOf(null, AT, NOTE), tableOf('lines', AT), tableOf(null)].map(isMerged),
    [true, false, false, false],
  );
  const statement = merging(tableOf(null, SIZE));
  assert.match(
    statement.text,
    /^MERGE INTO T t USING .* SET SIZE_OF = :c_SIZE_OF WHEN .* VALUES \(s\.doc_key, :n_SIZE_OF\)$/,
  );
  assert.deepEqual(statement.bind('k', { place: 0, values: ['2'] }), ['k', 2, 2]);
  assert.deepEqual(deletion({ table: 'T' }).bind('k'), ['k']);
});

test('rows travel in messages of 2,000 at most, and of some MB, a longer one by itself', () => {
  const rows = (count: number, length: number): Row[] =>
    Array.from({ length: count }, (_, n) => [`${n}`, 'x'.repeat(length)]);
  const sizes = (all: readonly Row[]) => messagesOf(all).map((message) => message.length);
  assert.deepEqual(sizes([]), []);
  assert.deepEqual(sizes(rows(4001, 1)), [2000, 2000, 1]);
  assert.deepEqual(sizes(rows(5, 900_000)), [2, 2, 1]);
  assert.deepEqual(sizes([...rows(2, 1), ...rows(1, 3_000_000), ...rows(2, 1)]), [2, 1, 2]);
  const all = rows(4001, 1);
  assert.deepEqual(messagesOf(all).flat(), all);
});
