/**
 * The SQL of every operation, as data: a dry run prints what would be executed. No body is ever selected from a bind
 * variable (`USING (SELECT :body FROM dual)`): beyond a few thousand bytes Oracle refuses that.
 */
import type { Condition } from '../../protocol/condition.ts';
import type { OracleState } from '../../protocol/state.ts';
import type { Version } from '../../protocol/version.ts';
import { goneSince } from './gone_since.ts';
import type { Filled, Table } from './table.ts';

export type Bind = string | number | bigint | Buffer | null;

export interface Statement {
  readonly text: string;
  readonly binds: Readonly<Record<string, Bind>>;
}

/** A document that is neither deleted nor expired. */
const LIVE = "kind <> 'gone' AND (expires IS NULL OR expires > :now)";
const VERSIONS = 'TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback)';
const COLUMNS = `${VERSIONS}, kind, body, bytes, expires, request`;

export function readRow(table: Table, key: string): Statement {
  return { text: `SELECT ${COLUMNS} FROM ${table.name} WHERE doc_key = :key`, binds: { key } };
}

/** The same with the size of the body, which is not read where it has more than so many bytes. */
export function readRowUpTo(table: Table, key: string, most: number): Statement {
  const upTo = (column: string, bind: string) => `CASE WHEN LENGTH(${column}) <= :${bind} THEN ${column} END`;
  return {
    text:
      `SELECT ${VERSIONS}, kind, ${upTo('body', 'most')}, ${upTo('bytes', 'most2')}, expires, request, ` +
      `COALESCE(LENGTH(body), LENGTH(bytes), 0) FROM ${table.name} WHERE doc_key = :key`,
    binds: { key, most, most2: most },
  };
}

/** Keys that one statement reads: Oracle before 23ai lists 1,000 at most, and the next power of two would be above. */
export const MOST_KEYS = 512;

/** What tells whether a copy would be newer, of 1 to `MOST_KEYS` keys. */
export function versionsOfRows(table: Table, keys: readonly string[]): Statement {
  const { list, binds } = listOf(keys);
  return {
    text: `SELECT doc_key, TO_CHAR(GREATEST(version, handback)), TO_CHAR(handoff) FROM ${table.name} WHERE doc_key IN (${list})`,
    binds,
  };
}

/** Repeats the last key to a power of two, so that Oracle parses few different statements. */
export function listOf(keys: readonly string[]): { list: string; binds: Record<string, string> } {
  const places = 2 ** Math.ceil(Math.log2(keys.length));
  const binds = Object.fromEntries(
    Array.from({ length: places }, (_, i) => [`k${i}`, keys[Math.min(i, keys.length - 1)] as string]),
  );
  const list = Object.keys(binds)
    .map((name) => `:${name}`)
    .join(', ');
  return { list, binds };
}

/** Apply if newer, where there is a row. @returns a statement that changes one row, or none where it is stale. */
export function applyToRow(table: Table, key: string, filled: Filled, version: Version): Statement {
  return {
    text: `UPDATE ${table.name} SET ${assigned(filled)}, version = :version WHERE doc_key = :key AND GREATEST(version, handback) < :version2 AND handoff IS NULL`,
    binds: { ...binds(filled), version, key, version2: version },
  };
}

/** A row for a key that has none; a unique constraint is violated where it has one. */
export function insertRow(table: Table, key: string, filled: Filled, versions: Versions): Statement {
  const { version, handoff, handback } = versions;
  const columns = columnsOf(filled);
  const names = ['doc_key', 'version', 'handoff', 'handback', ...columns.map(([column]) => column)];
  const values = [':key', ':version', ':handoff', ':handback', ...columns.map(([, bind]) => `:${bind}`)];
  return {
    text: `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${values.join(', ')})`,
    binds: { key, version, handoff, handback, ...binds(filled) },
  };
}

/** Who has ordered a key, and how far. */
export type Versions = Pick<OracleState, 'version' | 'handoff' | 'handback'>;

export interface AuthorityWrite {
  readonly filled: Filled;
  readonly condition: Condition;
  readonly handedOff: boolean;
}

/**
 * A write that Oracle orders, of a row that is there: version + 1, and the row handed off. RETURNING gives the version;
 * as text, since numbers that come back so are floats.
 * @param now milliseconds since the epoch
 */
export function writeRow(
  table: Table,
  key: string,
  { filled, condition, handedOff }: AuthorityWrite,
  now: number,
): Statement {
  const asked = conditionText(condition, filled.held.kind === 'gone');
  const where = [...asked, ...(handedOff ? ['handoff IS NOT NULL'] : [])]
    .map((text) => ` AND ${text}`)
    .join('');
  return {
    text:
      `UPDATE ${table.name} SET ${assigned(filled)}, version = version + 1, handoff = NVL(handoff, version) ` +
      `WHERE doc_key = :key${where} RETURNING TO_CHAR(version) INTO :written`,
    binds: {
      ...binds(filled),
      key,
      ...(condition.kind === 'version' && { expected: condition.version }),
      ...(where.includes(':now') && { now: seconds(now) }),
    },
  };
}

/**
 * A deletion of nothing changes a row that Couchbase still orders: it hands the row off, so that no copy from there brings back what
 * the deletion was answered for. A row that is handed off already takes no copies, and stays as it is.
 */
function conditionText(condition: Condition, deletes: boolean): string[] {
  switch (condition.kind) {
    case 'none':
      return deletes ? [`((${LIVE}) OR handoff IS NULL)`] : [];
    case 'absent':
      return [`NOT (${LIVE})`, ...(deletes ? ['handoff IS NULL'] : [])];
    case 'version':
      return ['version = :expected', LIVE];
  }
}

/**
 * Replaces a row that has not changed hands, nor content, since it was read. Its document keeps its version where a repair gives it an earlier
 * expiry, and where its time comes, so both are compared as well.
 * @param now milliseconds since the epoch
 */
export function swapRow(
  table: Table,
  key: string,
  { from, to }: { readonly from: OracleState; readonly to: Versions },
  filled: Filled,
  now: number,
): Statement {
  const asked = [from.handoff === null ? 'handoff IS NULL' : 'handoff = :from_handoff', ...expiryText(from)]
    .map((text) => ` AND ${text}`)
    .join('');
  const expiresAt = from.content?.expiresAt ?? null;
  return {
    text:
      `UPDATE ${table.name} SET ${assigned(filled)}, version = :version, handoff = :handoff, handback = :handback ` +
      `WHERE doc_key = :key AND version = :from_version AND handback = :from_handback${asked}`,
    binds: {
      ...binds(filled),
      version: to.version,
      handoff: to.handoff,
      handback: to.handback,
      key,
      from_version: from.version,
      from_handback: from.handback,
      ...(from.handoff !== null && { from_handoff: from.handoff }),
      ...(expiresAt !== null && { from_expires: expiresAt / 1000 }),
      ...(from.content !== null && { now: seconds(now) }),
    },
  };
}

/** That the row still holds a document, with the expiry that was read. Of a row without a document nothing is asked. */
function expiryText({ content }: OracleState): string[] {
  if (content === null) return [];
  return [content.expiresAt === null ? 'expires IS NULL' : 'expires = :from_expires', LIVE];
}

/** Puts a content into the row of a key, whatever it holds, with the versions that it has: to be rolled back. */
export function overwriteRow(table: Table, key: string, filled: Filled): Statement {
  return {
    text: `UPDATE ${table.name} SET ${assigned(filled)} WHERE doc_key = :key`,
    binds: { ...binds(filled), key },
  };
}

/**
 * Locks rows whose documents have expired, `most` at most: those that nobody else has locked, of the first ones by expiry. A tombstone's
 * `expires` is far above, so the range of the index holds nothing but documents. FETCH FIRST cannot be beside FOR UPDATE (ORA-02014).
 */
export function lockExpired({ name }: Table, now: number, most: number): Statement {
  return {
    text:
      `SELECT /*+ INDEX(${name} ${name}_EXPIRES) */ doc_key FROM ${name} ` +
      "WHERE expires <= :now AND kind <> 'gone' AND ROWNUM <= :most FOR UPDATE SKIP LOCKED",
    binds: { now: seconds(now), most },
  };
}

/**
 * Makes tombstones of documents that have expired, of 1 to `MOST_KEYS` keys: their versions stay, and nothing else of them, in the
 * columns that were filled from them neither.
 */
export function sweepRows(table: Table, keys: readonly string[], now: number): Statement {
  const { list, binds } = listOf(keys);
  return {
    text: `UPDATE ${table.name} SET kind = 'gone', ${emptied(table)} WHERE doc_key IN (${list}) AND expires <= :now`,
    binds: { ...binds, gone: goneSince(now), now: seconds(now) },
  };
}

/** Empties the row of a deletion. @param remains whether a row has to be emptied. */
export function clearRow(table: Table, key: string, remains: string, now: number): Statement {
  return {
    text: `UPDATE ${table.name} SET ${emptied(table)} WHERE doc_key = :key AND ${remains}`,
    binds: { gone: goneSince(now), key },
  };
}

/** The columns that hold a document, and those that are filled from it; `expires` dates the tombstone. */
function emptied({ columns }: Table): string {
  const names = ['body', 'bytes', 'request', ...columns.map(({ name }) => name)];
  return ['expires = :gone', ...names.map((name) => `${name} = NULL`)].join(', ');
}

/** Whole seconds that have passed: something expires at the beginning of its second. */
function seconds(now: number): number {
  return Math.floor(now / 1000);
}

/** Columns that a content fills, and the names of their bind variables. */
function columnsOf({ held, copied }: Filled): (readonly [string, string])[] {
  return [
    ...Object.keys(held).map((name) => [name, name] as const),
    ...Object.keys(copied).map((name) => [name, `c_${name}`] as const),
  ];
}

function assigned(filled: Filled): string {
  return columnsOf(filled)
    .map(([column, bind]) => `${column} = :${bind}`)
    .join(', ');
}

function binds({ held, copied }: Filled): Statement['binds'] {
  const copies = Object.entries(copied).map(([name, value]) => [`c_${name}`, value] as const);
  return { ...held, ...Object.fromEntries(copies) };
}
