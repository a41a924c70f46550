/**
 * Statements on the tables of projections, and what they hold. A transaction writes the row of a document first, which locks it: so whoever writes the rows
 * of a document in these tables is alone, and they are those of the content that is committed with them.
 */
import oracledb from 'oracledb';
import type { Bound, Projected, Projection } from '../../projection/projection.ts';
import type { ColumnType } from '../../projection/types/column_type.ts';
import { readBack } from '../../projection/types/read_back.ts';
import { bindOf, bindText, readText } from '../../projection/types/sql.ts';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { type Bind, listOf, MOST_KEYS, type Statement } from './statements.ts';

export type ProjectedRow = Projected['rows'][number];

/** Types of binds by name: those of a first row alone the driver would guess too small. */
export type BindTypes = Readonly<Record<string, oracledb.BindDefinition>>;

const KEY: oracledb.BindDefinition = { type: oracledb.STRING, maxSize: 250 };
const PLACE: oracledb.BindDefinition = { type: oracledb.NUMBER };

/** Whether only a value says how long it is: it may be bound as LONG. */
function isLong(type: ColumnType): boolean {
  const { as, maxSize } = bindOf(type);
  return as === 'text' && maxSize === null;
}

/** Longer values are bound as LONG, and those have to come last (ORA-24816). */
const inOrder = ({ columns }: Projection) => [
  ...columns.filter(({ type }) => !isLong(type)),
  ...columns.filter(({ type }) => isLong(type)),
];

/**
 * Whether one statement can put the row of a document in the place of the one before. MERGE takes no value that is bound as LONG for certain, so
 * rows with such columns are deleted and inserted.
 */
export function isMerged({ each, columns }: Projection): boolean {
  return each === null && columns.length > 0 && columns.every(({ type }) => !isLong(type));
}

export function insertProjected(projection: Projection, key: string, row: ProjectedRow): Statement {
  const { table, each } = projection;
  const place = each === null ? [] : (['place'] as const);
  const columns = inOrder(projection);
  const names = ['doc_key', ...place, ...columns.map(({ name }) => name)];
  const values = [
    ':key',
    ...place.map((name) => `:${name}`),
    ...columns.map(({ name, type }) => bindText(type, `c_${name}`)),
  ];
  return {
    text: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`,
    binds: { key, ...(each !== null && { place: row.place }), ...valuesIn(projection, row, 'c') },
  };
}

/** The same where there is a row or none, of a projection that `isMerged`. */
export function mergeProjected(projection: Projection, key: string, row: ProjectedRow): Statement {
  const { table, columns } = projection;
  const set = columns.map(({ name, type }) => `${name} = ${bindText(type, `c_${name}`)}`);
  const values = columns.map(({ name, type }) => bindText(type, `n_${name}`));
  return {
    text:
      `MERGE INTO ${table} t USING (SELECT :key AS doc_key FROM DUAL) s ON (t.doc_key = s.doc_key) ` +
      `WHEN MATCHED THEN UPDATE SET ${set.join(', ')} ` +
      `WHEN NOT MATCHED THEN INSERT (doc_key, ${columns.map(({ name }) => name).join(', ')}) VALUES (s.doc_key, ${values.join(', ')})`,
    binds: { key, ...valuesIn(projection, row, 'c'), ...valuesIn(projection, row, 'n') },
  };
}

export function deleteProjected({ table }: Pick<Projection, 'table'>, key: string): Statement {
  return { text: `DELETE FROM ${table} WHERE doc_key = :key`, binds: { key } };
}

/** Of 1 to `MOST_KEYS` documents. */
export function deleteProjectedOf({ table }: Pick<Projection, 'table'>, keys: readonly string[]): Statement {
  const { list, binds } = listOf(keys);
  return { text: `DELETE FROM ${table} WHERE doc_key IN (${list})`, binds };
}

/**
 * Rows of a key that the documents have no row of. One statement looks at both tables in the same moment, so it never removes rows of a document that
 * is written just now.
 */
export function deleteOrphans(
  table: string,
  { table: projected }: Pick<Projection, 'table'>,
  key: string,
): Statement {
  return {
    text: `DELETE FROM ${projected} WHERE doc_key = :key AND NOT EXISTS (SELECT 1 FROM ${table} WHERE doc_key = :key2)`,
    binds: { key, key2: key },
  };
}

/** Which of the projections have rows of a document, by their places in the list. */
export function presentIn(projections: readonly Pick<Projection, 'table'>[], key: string): Statement {
  const asked = projections.map(
    ({ table }, at) =>
      `SELECT ${at} FROM DUAL WHERE EXISTS (SELECT 1 FROM ${table} WHERE doc_key = :key${at})`,
  );
  return {
    text: asked.join(' UNION ALL '),
    binds: Object.fromEntries(projections.map((_, at) => [`key${at}`, key])),
  };
}

/** Of `insertProjected`, `mergeProjected` and `deleteProjected`. @param all binds of each row, which long values are as long as they are. */
export function bindTypes({ columns }: Projection, all: readonly Statement['binds'][]): BindTypes {
  const first = all[0] ?? {};
  const defined = columns.flatMap(({ name, type }) =>
    ['c', 'n']
      .map((prefix) => `${prefix}_${name}`)
      .filter((bind) => bind in first)
      .map((bind) => [bind, bindType(type, () => longest(all, bind))] as const),
  );
  return {
    key: KEY,
    ...('place' in first && { place: PLACE }),
    ...Object.fromEntries(defined),
  };
}

function bindType(type: ColumnType, longest: () => number): oracledb.BindDefinition {
  const { as, maxSize } = bindOf(type);
  return as === 'double'
    ? { type: oracledb.DB_TYPE_BINARY_DOUBLE }
    : { type: oracledb.STRING, maxSize: maxSize ?? longest() };
}

/** Bytes that the binds of a row have, about. */
export function sizeOf(binds: Statement['binds']): number {
  return Object.values(binds).reduce<number>((sum, value) => sum + bytesIn(value), 0);
}

function longest(all: readonly Statement['binds'][], bind: string): number {
  return all.reduce((most, binds) => Math.max(most, bytesIn(binds[bind] ?? null)), 1);
}

function bytesIn(value: Bind): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return 8;
}

function valuesIn({ columns }: Projection, { values }: ProjectedRow, prefix: string): Record<string, Bind> {
  return Object.fromEntries(
    columns.map(({ name, type }, at) => [`${prefix}_${name}`, bound(type, values[at] ?? null)]),
  );
}

function bound(type: ColumnType, value: Bound): Bind {
  if (value === null) return null;
  return bindOf(type).as === 'double' ? Number(value) : String(value);
}

/** Rows of documents, each in the order of places. */
export type FoundProjected = ReadonlyMap<string, readonly ProjectedRow[]>;

/** Of 1 to `MOST_KEYS` documents, as `rowsFrom` takes it: values in their canonical spelling, in the order of the projection's columns. */
export function readProjected({ table, each, columns }: Projection, keys: readonly string[]): Statement {
  const { list, binds } = listOf(keys);
  const values = columns.map(({ name, type }) => readText(type, name));
  const [place, order] = each === null ? ['0', 'doc_key'] : ['place', 'doc_key, place'];
  return {
    text: `SELECT ${['doc_key', place, ...values].join(', ')} FROM ${table} WHERE doc_key IN (${list}) ORDER BY ${order}`,
    binds,
  };
}

/** CLOBs come with their rows, as texts. */
const LOBS_AS_TEXT = {
  fetchTypeHandler: ({ dbType }: { dbType?: unknown }) =>
    dbType === oracledb.DB_TYPE_CLOB ? { type: oracledb.STRING } : undefined,
} as oracledb.ExecuteOptions;

/** Rows of a projection by document. A document without rows is left out. @param session whose transaction may have locked the documents. */
export async function projectedRows(
  session: oracledb.Connection,
  projection: Projection,
  keys: readonly string[],
): Promise<FoundProjected> {
  const found = new Map<string, ProjectedRow[]>();
  for (let at = 0; at < keys.length; at += MOST_KEYS) {
    const { text, binds } = readProjected(projection, keys.slice(at, at + MOST_KEYS));
    const { rows = [] } = await session.execute<unknown[]>(
      text,
      binds as oracledb.BindParameters,
      LOBS_AS_TEXT,
    );
    for (const [key, place, ...values] of rows) {
      const of = found.get(key as string) ?? [];
      found.set(key as string, of);
      of.push({
        place: Number(place),
        values: projection.columns.map(({ type }, at) =>
          readBack(type, values[at] as string | number | null),
        ),
      });
    }
  }
  return found;
}

/** The same by a connection of the pool. Throws the failures of `failure.ts`. */
export function projectedRowsOf(
  connection: OracleConnection,
  projection: Projection,
  keys: readonly string[],
): Promise<FoundProjected> {
  const target: Target = { store: 'oracle', operation: 'inspect', collection: projection.table, key: null };
  return connection.use(target, false, (session) => projectedRows(session, projection, keys));
}
