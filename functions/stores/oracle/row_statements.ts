/** Statements that write rows of a projection: made once for many rows, whose values are bound by their places. */
import oracledb from 'oracledb';
import type { Bound, Projection } from '../../projection/projection.ts';
import type { ColumnType } from '../../projection/types/column_type.ts';
import { bindOf, bindText } from '../../projection/types/sql.ts';
import type { ProjectedRow } from './projected.ts';

/** In the order of the text. */
export type Row = readonly (string | number | null)[];

export interface RowStatement {
  readonly table: string;
  readonly text: string;
  /** @param row none for a deletion. */
  bind(key: string, row?: ProjectedRow): Row;
  /** Types of the binds: those of a first row alone the driver would guess too small. */
  typesOf(rows: readonly Row[]): oracledb.BindDefinition[];
}

/** Where the value of a bind comes from. */
interface Place {
  readonly type: oracledb.BindDefinition;
  /** Whether only the values say how long they are: they may be bound as LONG. */
  readonly isLong: boolean;
  take(key: string, row: ProjectedRow): string | number | null;
}

const KEY: Place = { type: { type: oracledb.STRING, maxSize: 250 }, isLong: false, take: (key) => key };
const PLACE: Place = { type: { type: oracledb.NUMBER }, isLong: false, take: (_, { place }) => place };
const NO_ROW: ProjectedRow = { place: 0, values: [] };

function isLong(type: ColumnType): boolean {
  const { as, maxSize } = bindOf(type);
  return as === 'text' && maxSize === null;
}

/**
 * Whether one statement can put the row of a document in the place of the one before. MERGE takes no value that is bound as LONG for certain, so
 * rows with such columns are deleted and inserted.
 */
export function isMerged({ each, columns }: Projection): boolean {
  return each === null && columns.length > 0 && columns.every(({ type }) => !isLong(type));
}

export function insertion(projection: Projection): RowStatement {
  const { table, each } = projection;
  const place = each === null ? [] : ['place'];
  // Values that are bound as LONG come last (ORA-24816).
  const all = cellsOf(projection);
  const cells = [...all.filter((cell) => !cell.isLong), ...all.filter((cell) => cell.isLong)];
  const names = ['doc_key', ...place, ...cells.map(({ name }) => name)];
  const values = [':key', ...place.map((name) => `:${name}`), ...cells.map(({ bound }) => bound('c'))];
  const text = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`;
  return statement(table, text, [KEY, ...place.map(() => PLACE), ...cells]);
}

/** The same where there is a row or none, of a projection that `isMerged`. */
export function merging(projection: Projection): RowStatement {
  const { table } = projection;
  const cells = cellsOf(projection);
  const set = cells.map(({ name, bound }) => `${name} = ${bound('c')}`);
  const text =
    `MERGE INTO ${table} t USING (SELECT :key AS doc_key FROM DUAL) s ON (t.doc_key = s.doc_key) ` +
    `WHEN MATCHED THEN UPDATE SET ${set.join(', ')} WHEN NOT MATCHED THEN ` +
    `INSERT (doc_key, ${cells.map(({ name }) => name).join(', ')}) VALUES (s.doc_key, ${cells.map(({ bound }) => bound('n')).join(', ')})`;
  return statement(table, text, [KEY, ...cells, ...cells]);
}

/** Of all rows of a document. */
export function deletion({ table }: Pick<Projection, 'table'>): RowStatement {
  return statement(table, `DELETE FROM ${table} WHERE doc_key = :key`, [KEY]);
}

interface Cell extends Place {
  readonly name: string;
  /** The expression around the bind. */
  bound(prefix: string): string;
}

function cellsOf({ columns }: Projection): Cell[] {
  return columns.map(({ name, type }, at) => {
    const { as, maxSize } = bindOf(type);
    const isDouble = as === 'double';
    const value = (bound: Bound | undefined) =>
      bound === null || bound === undefined ? null : isDouble ? Number(bound) : String(bound);
    return {
      ...{ name, isLong: isLong(type), bound: (prefix) => bindText(type, `${prefix}_${name}`) },
      type: isDouble
        ? { type: oracledb.DB_TYPE_BINARY_DOUBLE }
        : { type: oracledb.STRING, maxSize: maxSize ?? 1 },
      take: (_, { values }) => value(values[at]),
    };
  });
}

function statement(table: string, text: string, places: readonly Place[]): RowStatement {
  return {
    ...{ table, text },
    bind: (key, row = NO_ROW) => places.map((place) => place.take(key, row)),
    typesOf: (rows) =>
      places.map(({ type, isLong: long }, at) =>
        long ? { ...type, maxSize: longest(rows.map((row) => row[at] ?? null)) } : type,
      ),
  };
}

/** In bytes. */
function longest(values: Row): number {
  return values.reduce<number>((most, value) => Math.max(most, Buffer.byteLength(String(value ?? ''))), 1);
}

/** Rows in messages that are not too large: so many, and of so many characters, about. */
const [MOST_ROWS, MOST_CHARACTERS] = [2000, 2_000_000];

/** In their order. */
export function messagesOf(rows: readonly Row[]): (readonly Row[])[] {
  const messages: Row[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const more = row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
    const last = messages.at(-1);
    if (last === undefined || last.length >= MOST_ROWS || size + more > MOST_CHARACTERS) {
      messages.push([row]);
      size = more;
    } else {
      last.push(row);
      size += more;
    }
  }
  return messages;
}
