/**
 * Statements on the tables of projections, and what they hold. A transaction writes the row of a document first, which locks it: so whoever writes the rows
 * of a document in these tables is alone, and they are those of the content that is committed with them.
 */
import oracledb from 'oracledb';
import type { Projected, Projection } from '../../projection/projection.ts';
import { readBack } from '../../projection/types/read_back.ts';
import { readText } from '../../projection/types/sql.ts';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { listOf, MOST_KEYS, type Statement } from './statements.ts';

export type ProjectedRow = Projected['rows'][number];

/** Of 1 to `MOST_KEYS` documents. */
export function deleteProjectedOf({ table }: Pick<Projection, 'table'>, keys: readonly string[]): Statement {
  const { list, binds } = listOf(keys);
  return { text: `DELETE FROM ${table} WHERE doc_key IN (${list})`, binds };
}

/**
 * Rows of a key that the documents have no row of. One statement looks at both tables in the same moment. Of a document that is written after it, it may remove
 * a row all the same: see `hold_document.ts`.
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

/** Rows that come with one answer: documents of a batch may have thousands, and the driver asks for 100 by itself. */
const TOGETHER = 1000;

/** Rows of a projection by document. A document without rows is left out. @param session whose transaction may have locked the documents. */
export async function projectedRows(
  session: oracledb.Connection,
  projection: Projection,
  keys: readonly string[],
): Promise<FoundProjected> {
  const found = new Map<string, ProjectedRow[]>();
  for (let at = 0; at < keys.length; at += MOST_KEYS) {
    const { text, binds } = readProjected(projection, keys.slice(at, at + MOST_KEYS));
    const { rows = [] } = await session.execute<unknown[]>(text, binds as oracledb.BindParameters, {
      ...LOBS_AS_TEXT,
      prefetchRows: TOGETHER,
      fetchArraySize: TOGETHER,
    });
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
