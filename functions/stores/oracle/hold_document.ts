/**
 * Looks at a document and its rows in the tables of projections with its own row locked, which whoever writes the document locks first: so nobody changes any of
 * them meanwhile.
 */
import type oracledb from 'oracledb';
import type { Projected } from '../../projection/projection.ts';
import type { Content } from '../../protocol/state.ts';
import type { Target } from '../failure.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import { deleteOrphans, type ProjectedRow, projectedRows } from './projected.ts';
import { placeRows } from './projecting.ts';
import { readRow } from './statements.ts';
import { rowOf, stateOf, type Table } from './table.ts';

export interface HeldDocument {
  /** Null where there is no row, or it says that the document is deleted. One that has expired is there until it is swept. */
  readonly content: Content;
  readonly isExpired: boolean;
  /** By table; those without rows are left out. */
  readonly found: ReadonlyMap<string, readonly ProjectedRow[]>;
}

/**
 * @param mend says what rows the document shall have, in the order of the table's projections, or null: then nothing is changed. It is asked again where a document was written meanwhile.
 * @param also is done in the same transaction where something is changed. @param now milliseconds since the epoch, by which documents expire.
 */
export async function holdDocument(
  connection: OracleConnection,
  table: Table,
  key: string,
  {
    mend,
    also = async () => {},
    now,
  }: {
    readonly mend: (held: HeldDocument) => readonly Projected[] | null;
    readonly also?: (session: oracledb.Connection) => Promise<void>;
    readonly now: number;
  },
): Promise<void> {
  const target: Target & { readonly key: string } = {
    ...{ store: 'oracle', operation: 'repair', collection: table.name, key },
  };
  await connection.use(target, true, async (session) => {
    for (;;) {
      const { isThere, seen } = await lookLocked(session, table, key, now);
      const projected = mend(seen);
      if (projected === null) return session.rollback();
      if (isThere)
        await placeRows(session, table.projections, { target, projected, isNew: false, commits: false });
      else await dropOrphans(session, table, key);
      if (isThere || !(await hasRow(session, table, key))) break;
      await session.rollback();
    }
    await also(session);
    await session.commit();
  });
}

/**
 * Of a key without a row nothing is locked: a document may be inserted, with its rows, between the looks at them. Where its row is there afterwards, all is looked
 * at again with that row locked.
 */
async function lookLocked(session: oracledb.Connection, table: Table, key: string, now: number) {
  let isThere = await locked(session, table, key);
  let seen = await held(session, table, key, now);
  if (!isThere && (await locked(session, table, key))) {
    isThere = true;
    seen = await held(session, table, key, now);
  }
  return { isThere, seen };
}

/** By a change that changes nothing, for which a login needs no more than for a write. False where there is no row. */
async function locked(session: oracledb.Connection, { name }: Table, key: string): Promise<boolean> {
  const text = `UPDATE ${name} SET handback = handback WHERE doc_key = :key`;
  return (await session.execute(text, { key })).rowsAffected === 1;
}

async function held(
  session: oracledb.Connection,
  table: Table,
  key: string,
  now: number,
): Promise<HeldDocument> {
  const { text, binds } = readRow(table, key);
  const { rows = [] } = await session.execute<unknown[]>(
    text,
    binds as oracledb.BindParameters,
    LOBS_AS_BYTES,
  );
  // As if no time had passed: what has expired is there.
  const { content } = stateOf(rows[0] === undefined ? null : rowOf(rows[0]), 0);
  const found = new Map<string, readonly ProjectedRow[]>();
  for (const projection of table.projections) {
    const of = (await projectedRows(session, projection, [key])).get(key);
    if (of !== undefined) found.set(projection.table, of);
  }
  const expiresAt = content?.expiresAt ?? null;
  return { content, isExpired: expiresAt !== null && expiresAt <= now, found };
}

/**
 * Where a document is written meanwhile, with rows of the key that were there, a DELETE that waits for them removes them all the same: once it has found a row, Oracle looks again
 * at what its condition says of that row alone, not at another table. What is asked after it sees the document, whose row is locked next time.
 */
async function hasRow(session: oracledb.Connection, { name }: Table, key: string): Promise<boolean> {
  const text = `SELECT 1 FROM ${name} WHERE doc_key = :key`;
  return ((await session.execute(text, { key })).rows ?? []).length > 0;
}

async function dropOrphans(session: oracledb.Connection, table: Table, key: string): Promise<void> {
  for (const projection of table.projections) {
    const { text, binds } = deleteOrphans(table.name, projection, key);
    await session.execute(text, binds);
  }
}
