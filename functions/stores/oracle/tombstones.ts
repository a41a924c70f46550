/** Drops tombstones that nothing can need any more, as the owner of the table: no login of the functions may delete a row of it. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { BY_KEY, firstRows } from './first_rows.ts';
import { goneAt, goneSince } from './gone_since.ts';
import { createdAt, NEVER } from './new_row.ts';
import { listOf, MOST_KEYS } from './statements.ts';

/**
 * Functions of the version before counted the versions of keys that Oracle had created from 1, and stayed below this; Couchbase's versions
 * and those of keys that are created now are far above. Where a tombstone with such a version were dropped, and those functions came back,
 * an ETag of before could fit a document of after.
 */
const COUNTED = 10n ** 15n;

const ROWS = 1000;

const TOMBSTONES = `kind = 'gone' AND (version >= ${COUNTED} OR version = ${NEVER})`;

/** All of them at once. */
export function tombstonesText(table: string): string {
  return `DELETE FROM ${table} WHERE ${TOMBSTONES}`;
}

function someText(table: string): string {
  return (
    `DELETE FROM ${table} WHERE doc_key IN ` +
    `(SELECT doc_key FROM ${table} WHERE ${TOMBSTONES} AND ROWNUM <= ${ROWS}) AND ${TOMBSTONES}`
  );
}

/** Of a collection that is retired. @param seen is told how many so far. */
export async function dropTombstones(
  connection: OracleConnection,
  table: string,
  seen: (count: number) => void,
): Promise<number> {
  let total = 0;
  for (;;) {
    const dropped = await connection.use(targetOf(table), true, async (session) => {
      const { rowsAffected = 0 } = await session.execute(someText(table), {}, { autoCommit: true });
      return rowsAffected;
    });
    total += dropped;
    if (dropped === 0) return total;
    seen(total);
  }
}

/**
 * How many a table has, of those that have a date: as many as `most`, or more. Reads as many entries of the index on `expires`, and no row.
 * @param now milliseconds since the epoch.
 */
export async function countTombstones(
  connection: OracleConnection,
  table: string,
  now: number,
  most: number,
): Promise<number> {
  const text =
    `SELECT COUNT(*) FROM (SELECT /*+ INDEX(${table} ${table}_EXPIRES) */ expires FROM ${table} ` +
    'WHERE expires >= :gone_from AND expires <= :gone_until AND ROWNUM <= :most)';
  const target: Target = { store: 'oracle', operation: 'count tombstones', collection: table, key: null };
  return connection.use(target, false, async (session) => {
    const binds = { gone_from: goneSince(0), gone_until: goneSince(now), most };
    const { rows } = await session.execute<[number]>(text, binds);
    return Number(rows?.[0]?.[0] ?? 0);
  });
}

/** The tombstone of a key, with when its document was gone, in milliseconds since the epoch, if it says so; null where its row is none. */
export async function tombstoneOf(
  connection: OracleConnection,
  table: string,
  key: string,
): Promise<{ readonly gone: number | null } | null> {
  const target: Target = { store: 'oracle', operation: 'read tombstone', collection: table, key };
  return connection.use(target, false, async (session) => {
    const text = `SELECT expires FROM ${table} WHERE doc_key = :key AND kind = 'gone'`;
    const { rows = [] } = await session.execute<[number | null]>(text, { key });
    return rows[0] === undefined ? null : { gone: goneAt(rows[0][0]) };
  });
}

/** Which tombstones of a collection may be dropped, in milliseconds since the epoch: see `droppable.ts` of the controller. */
export interface Bounds {
  readonly until: number;
  readonly agreed: number | null;
  readonly created: number | null;
}

/** No tombstone is as old, or has so high a version. */
const NONE = { agreed: 0, created: '99999999999999999999' } as const;

const MAY_BE_DROPPED =
  `expires >= :gone_from AND expires <= :gone_until AND ${TOMBSTONES} AND ` +
  '((handoff IS NULL AND handback = 0) OR expires <= :agreed OR (handoff = 0 AND version >= :created))';

function bindsOf({ until, agreed, created }: Bounds, from: number) {
  return {
    ...{ gone_from: from, gone_until: goneSince(until) },
    agreed: agreed === null ? NONE.agreed : goneSince(agreed),
    created: created === null ? NONE.created : `${createdAt(created)}`,
  };
}

/** How many may be dropped: as many as `most`, or more. */
export async function countDroppable(
  connection: OracleConnection,
  table: string,
  bounds: Bounds,
  most: number,
): Promise<number> {
  const text =
    `SELECT COUNT(*) FROM (SELECT /*+ INDEX(${table} ${table}_EXPIRES) */ doc_key FROM ${table} ` +
    `WHERE ${MAY_BE_DROPPED} AND ROWNUM <= :most)`;
  return connection.use(targetOf(table), false, async (session) => {
    const { rows } = await session.execute<[number]>(text, { ...bindsOf(bounds, goneSince(0)), most });
    return Number(rows?.[0]?.[0] ?? 0);
  });
}

/**
 * Drops those within the bounds, the oldest first. Each transaction locks its rows first, and passes over those that somebody writes just
 * now: whoever does has looked at the tombstone, and finds it unchanged.
 * @param seen is told how many so far.
 */
export async function dropWithin(
  connection: OracleConnection,
  table: string,
  bounds: Bounds,
  seen: (count: number) => void,
): Promise<number> {
  const lock =
    `SELECT /*+ INDEX(${table} ${table}_EXPIRES) */ doc_key, expires FROM ${table} ` +
    `WHERE ${MAY_BE_DROPPED} AND ROWNUM <= :most FOR UPDATE SKIP LOCKED`;
  let [total, from] = [0, goneSince(0)];
  for (;;) {
    const locked = await connection.use(targetOf(table), true, async (session) => {
      const binds = { ...bindsOf(bounds, from), most: MOST_KEYS };
      const options = { prefetchRows: MOST_KEYS + 1, fetchArraySize: MOST_KEYS + 1 };
      const { rows = [] } = await session.execute<[string, number]>(lock, binds, options);
      if (rows.length === 0) return rows;
      const { list, binds: keys } = listOf(rows.map(([key]) => key));
      const drop = `DELETE FROM ${table} WHERE doc_key IN (${list}) AND kind = 'gone' AND expires <= :gone_until`;
      const until = { gone_until: binds.gone_until };
      await session.execute(drop, { ...keys, ...until }, { autoCommit: true });
      return rows;
    });
    total += locked.length;
    if (locked.length === 0) return total;
    // What lies before was dropped, or may not be.
    from = Math.max(from, ...locked.map(([, expires]) => expires));
    seen(total);
  }
}

/** Rows of one look. */
const SPAN = 10_000;

/**
 * Dates tombstones of functions of the version before, which have no date: they count as gone from now on. Walks the whole table, in
 * statements of a bounded number of rows.
 */
export async function dateTombstones(
  connection: OracleConnection,
  table: string,
  now: number,
  seen: (count: number) => void,
  span = SPAN,
): Promise<number> {
  let total = 0;
  for (let after: string | null = null; ; ) {
    const page: Dated = await connection.use(targetOf(table), true, (session) =>
      dateSpan(session, { table, after, gone: goneSince(now), span }),
    );
    total += page.dated;
    if (page.last === null) return total;
    after = page.last;
    seen(total);
  }
}

interface Dated {
  readonly dated: number;
  /** Null where no row is left. */
  readonly last: string | null;
}

interface Span {
  readonly table: string;
  readonly after: string | null;
  readonly gone: number;
  readonly span: number;
}

async function dateSpan(session: oracledb.Connection, { table, after, gone, span }: Span): Promise<Dated> {
  const [above, from] = after === null ? ['', {}] : ['doc_key > :after_key AND ', { after_key: after }];
  const where = after === null ? [] : ['doc_key > :after_key'];
  const { rows = [] } = await session.execute<[string | null]>(
    `SELECT MAX(doc_key) FROM (${firstRows({ table, columns: ['doc_key'], where, ...BY_KEY })})`,
    { ...from, most: span },
  );
  const last = rows[0]?.[0] ?? null;
  if (last === null) return { dated: 0, last };
  const { rowsAffected: dated = 0 } = await session.execute(
    `UPDATE ${table} SET expires = :gone WHERE ${above}doc_key <= :up_to AND kind = 'gone' AND expires IS NULL`,
    { gone, ...from, up_to: last },
    { autoCommit: true },
  );
  return { dated, last };
}

function targetOf(table: string): Target {
  return { store: 'oracle', operation: 'drop tombstones', collection: table, key: null };
}
