/**
 * The rows of a table that are handed off: keys that Oracle orders. Where their index is there, it holds nothing else, and each statement reads what it
 * tells. It may be missing where the table had many rows when this version came: see `Subject.speeds`. Then rows are looked at span by span in
 * the order of their keys. Each statement reads a bounded number of rows and ends within the time of one call, however few of them are
 * handed off. All of 100 million rows take 10 to 30 minutes so, page after page.
 */
import type oracledb from 'oracledb';
import type { Shard } from '../../protocol/shard.ts';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { BY_KEY, firstRows } from './first_rows.ts';
import { hasIndex } from './has_index.ts';
import { inspectedKeys } from './inspect.ts';
import { HANDED_OFF_KEY, handedOffIndex } from './schema.ts';
import { listOf, MOST_KEYS, type Statement } from './statements.ts';

/** Rows of one statement. */
const SPAN = 10_000;

export interface Walk {
  /** Begin above this key: the `next` of the page before, or null. */
  readonly after: string | null;
  /** The last key that the walk is about; to the end of the table where there is none. */
  readonly upTo?: string | null;
  /** Whether there is time for one more span, which takes two calls at most. Asked after the first span. */
  readonly timely: () => boolean;
  /** Milliseconds for each of them, where they may take longer than other calls. */
  readonly timeout?: number | undefined;
}

export interface Page {
  /** Where the next page begins; null where no row is left. */
  readonly next: string | null;
}

interface Span {
  readonly rows: number;
  readonly handedOff: number;
  readonly last: string | null;
}

/** Counts rows that are handed off, tombstones included. Exact for all keys up to `next`, and for the whole table where it is null. */
export async function countHandedOff(
  connection: OracleConnection,
  table: string,
  { after, upTo = null, timely, timeout }: Walk,
  rows = SPAN,
): Promise<Page & { readonly count: number }> {
  if (await hasIndex(connection, table, handedOffIndex(table), timeout))
    return counted(connection, table, { after, upTo, timely, timeout }, rows);
  let count = 0;
  for (let at = after; ; ) {
    const span = await spanAfter(connection, table, { after: at, upTo }, rows, timeout);
    count += span.handedOff;
    if (span.rows < rows) return { count, next: null };
    at = span.last;
    if (!timely()) return { count, next: at };
  }
}

/** Lists keys whose rows are handed off, in byte order: `most` or fewer, and fewer too where time is up. */
export async function handedOffKeys(
  connection: OracleConnection,
  table: string,
  { after, upTo = null, most, timely, timeout }: Walk & { readonly most: number },
  rows = SPAN,
): Promise<Page & { readonly keys: readonly string[] }> {
  if (await hasIndex(connection, table, handedOffIndex(table), timeout)) {
    const found = await indexedKeys(connection, table, { after, upTo, timely, timeout }, most);
    return { keys: found, next: found.length < most ? null : (found.at(-1) ?? after) };
  }
  const keys: string[] = [];
  for (let at = after; ; ) {
    const span = await spanAfter(connection, table, { after: at, upTo }, rows, timeout);
    const limit = most - keys.length;
    const options = { which: 'handed-off', limit, now: 0, timeout } as const;
    const found =
      span.handedOff === 0
        ? []
        : await inspectedKeys(connection, table, { after: at, upTo: span.last }, options);
    keys.push(...found);
    // Rows may have been handed off since they were counted, so what was found decides, not what was counted.
    if (found.length === limit) return { keys, next: found.at(-1) ?? at };
    if (span.rows < rows) return { keys, next: null };
    at = span.last;
    if (!timely()) return { keys, next: at };
  }
}

/** By the index. @param rows of one statement. */
async function counted(
  connection: OracleConnection,
  table: string,
  { after, upTo = null, timely, timeout }: Walk,
  rows: number,
): Promise<Page & { readonly count: number }> {
  const target: Target = { store: 'oracle', operation: 'count', collection: table, key: null };
  let count = 0;
  for (let at = after; ; ) {
    const { text, binds } = indexStatement(table, { after: at, upTo }, rows);
    const act = async (session: oracledb.Connection) => {
      const query = `SELECT COUNT(handed_off), MAX(handed_off) FROM (${text})`;
      return (await session.execute<[number, string | null]>(query, binds as oracledb.BindParameters)).rows;
    };
    const [[found, last] = [0, null]] = (await connection.use(target, false, act, timeout)) ?? [];
    count += Number(found);
    if (Number(found) < rows) return { count, next: null };
    at = last;
    if (!timely()) return { count, next: at };
  }
}

function indexedKeys(
  connection: OracleConnection,
  table: string,
  { after, upTo = null, timeout }: Walk,
  most: number,
): Promise<string[]> {
  const target: Target = { store: 'oracle', operation: 'inspect', collection: table, key: null };
  const { text, binds } = indexStatement(table, { after, upTo }, most);
  const act = async (session: oracledb.Connection) => {
    const { rows = [] } = await session.execute<[string]>(text, binds as oracledb.BindParameters);
    return rows.map(([key]) => key);
  };
  return connection.use(target, false, act, timeout);
}

/** Exported for a look at its plan. */
export function indexStatement(table: string, { after, upTo }: Shard, rows: number): Statement {
  const where = [
    after === null ? `${HANDED_OFF_KEY} IS NOT NULL` : `${HANDED_OFF_KEY} > :after`,
    ...(upTo === null ? [] : [`${HANDED_OFF_KEY} <= :up_to`]),
  ];
  return {
    text:
      `SELECT handed_off FROM (SELECT /*+ INDEX(${table} ${handedOffIndex(table)}) */ ${HANDED_OFF_KEY} AS handed_off ` +
      `FROM ${table} WHERE ${where.join(' AND ')} ORDER BY ${HANDED_OFF_KEY}) WHERE ROWNUM <= :most`,
    binds: { ...(after !== null && { after }), ...(upTo !== null && { up_to: upTo }), most: rows },
  };
}

async function spanAfter(
  connection: OracleConnection,
  table: string,
  shard: Shard,
  rows: number,
  timeout: number | undefined,
): Promise<Span> {
  const { text, binds } = spanStatement(table, shard, rows);
  const target: Target = { store: 'oracle', operation: 'count', collection: table, key: null };
  const act = async (session: oracledb.Connection) => {
    const result = await session.execute<[number, number, string | null]>(
      text,
      binds as oracledb.BindParameters,
    );
    const [[seen, handedOff, last] = [0, 0, null]] = result.rows ?? [];
    return { rows: Number(seen), handedOff: Number(handedOff), last };
  };
  return connection.use(target, false, act, timeout);
}

/** Exported for a look at its plan. */
export function spanStatement(table: string, { after, upTo }: Shard, rows: number): Statement {
  const bounds = [
    ...(after === null ? [] : ['doc_key > :after']),
    ...(upTo === null ? [] : ['doc_key <= :up_to']),
  ];
  const span = firstRows({ table, columns: ['doc_key', 'handoff'], where: bounds, ...BY_KEY });
  return {
    text: `SELECT COUNT(doc_key), COUNT(handoff), MAX(doc_key) FROM (${span})`,
    binds: { ...(after !== null && { after }), ...(upTo !== null && { up_to: upTo }), most: rows },
  };
}

/** Which of the keys Oracle orders, by key. Read in the transaction of a batch of copies, which such rows refuse. */
export async function handedOffAmong(
  session: oracledb.Connection,
  table: string,
  keys: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < keys.length; at += MOST_KEYS) {
    const { list, binds } = listOf(keys.slice(at, at + MOST_KEYS));
    const text = `SELECT doc_key FROM ${table} WHERE doc_key IN (${list}) AND handoff IS NOT NULL ORDER BY doc_key`;
    const { rows = [] } = await session.execute<[string]>(text, binds as oracledb.BindParameters);
    found.push(...rows.map(([key]) => key));
  }
  return found;
}
