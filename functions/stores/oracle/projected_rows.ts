/** Rows of projections, and keys of them, as verification reads them. */
import type oracledb from 'oracledb';
import type { Projection } from '../../projection/projection.ts';
import { byUtf8 } from '../../protocol/order.ts';
import type { Shard } from '../../protocol/shard.ts';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { firstRows } from './first_rows.ts';
import { type ProjectedRow, projectedRowsOf } from './projected.ts';
import type { Statement } from './statements.ts';
import type { Table } from './table.ts';

/** Rows of one document, by table; in the order of their places. A table without any may be left out. */
export type FoundRows = ReadonlyMap<string, readonly ProjectedRow[]>;

/** In the order of the keys. */
export async function rowsOfKeys(
  connection: OracleConnection,
  projections: readonly Projection[],
  keys: readonly string[],
): Promise<FoundRows[]> {
  const found = keys.map(() => new Map<string, readonly ProjectedRow[]>());
  for (const projection of projections) {
    const rows = await projectedRowsOf(connection, projection, keys);
    for (const [n, key] of keys.entries()) found[n]?.set(projection.table, rows.get(key) ?? []);
  }
  return found;
}

/** Keys that have rows in tables of projections, and no document: in byte order, fewer than `limit` only where there are no more. */
export async function orphanKeys(
  connection: OracleConnection,
  { name, projections }: Pick<Table, 'name' | 'projections'>,
  shard: Shard,
  limit: number,
  timeout: number,
): Promise<string[]> {
  const keys = new Set<string>();
  for (const projection of projections) {
    let after = shard.after;
    for (let found = 0; found < limit; ) {
      const { text, binds } = orphansStatement(projection, name, { ...shard, after }, limit);
      const act = async (session: oracledb.Connection) =>
        (await session.execute<[string]>(text, binds as oracledb.BindParameters)).rows ?? [];
      const rows = await connection.use(targetOf(projection.table), false, act, timeout);
      // A document may have had more rows than one statement reads: the next one begins behind its key.
      const own = new Set(rows.map(([key]) => key));
      for (const key of own) keys.add(key);
      found += own.size;
      if (rows.length < limit) break;
      after = rows.at(-1)?.[0] ?? after;
    }
  }
  return [...keys].sort(byUtf8).slice(0, limit);
}

/** Exported for a look at its plan. What has expired is a document until it is swept. */
export function orphansStatement(
  { table, each, identifiedBy }: Pick<Projection, 'table' | 'each' | 'identifiedBy'>,
  documents: string,
  { after, upTo }: Shard,
  most: number,
): Statement {
  const where = [
    ...(after === null ? [] : ['doc_key > :after']),
    ...(upTo === null ? [] : ['doc_key <= :up_to']),
    `NOT EXISTS (SELECT 1 FROM ${documents} d WHERE d.doc_key = ${table}.doc_key AND d.kind <> 'gone')`,
  ];
  const index = ['DOC_KEY', ...(each === null ? [] : (identifiedBy ?? ['PLACE']))];
  return {
    text: firstRows({ table, columns: ['doc_key'], where, index, order: ['doc_key'] }),
    binds: { ...(after !== null && { after }), ...(upTo !== null && { up_to: upTo }), most },
  };
}

function targetOf(table: string): Target {
  return { store: 'oracle', operation: 'inspect', collection: table, key: null };
}
