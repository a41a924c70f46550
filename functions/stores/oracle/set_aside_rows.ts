/** The rows of `CROSSFADE_SET_ASIDE`: what they say, and which of them are meant. */
import { REASONS as OF_PROTOCOL } from '../../protocol/state.ts';
import type { Statement } from './statements.ts';

/** Those of the protocol, and one that its rules know nothing of: see `../changed_by_sql.ts`. */
export const CODES = [...OF_PROTOCOL, 'changed by SQL'] as const;
export type Reason = (typeof CODES)[number];

/**
 * The text for each reason, as operators read it. Rows of the version before have the text and no code, so a text that was shipped never
 * changes.
 */
export const REASONS: Readonly<Record<Reason, string>> = {
  'taken back': 'Couchbase decided in expand, and held something else',
  'couchbase forgot':
    'Couchbase held this, an older version than Oracle, of a key that Couchbase orders: a failover lost the later one',
  'oracle forgot':
    'Couchbase held this copy of a later version than Oracle: Oracle has come back in an earlier state',
  'past oracle':
    'Couchbase held this, written there, in a later version than Oracle, which orders the key: somebody has written past the API, or a write was under way during a move',
  unexplained:
    'Oracle held this, Couchbase held nothing, and has no tombstone that tells of a deletion since',
  'changed by SQL':
    'Oracle held this in the very version in which Couchbase, which orders the key, held something else: its row was changed by SQL',
};

/**
 * Whether an entry counts as a conflict while it is open. What was taken back does not: an operator has forced a move, was told what it
 * puts at risk, and is in the audit log with a reason. Such a move may set aside a whole collection, and the way back up must not wait for
 * each entry. Nor does what was written past Oracle: a write that is under way during a move looks like that. Both can be decided about
 * all the same.
 */
export const CONFLICTS: readonly Reason[] = CODES.filter(
  (reason) => reason !== 'taken back' && reason !== 'past oracle',
);

/** `kept`: the entry stays as a record, and nothing was written. `restored`: its content was written again. */
export type State = 'open' | 'kept' | 'restored';

/** What a row held, and why it was set aside. Versions are text, since no JavaScript number holds them. */
export interface Entry {
  readonly id: string;
  readonly key: string;
  readonly version: string;
  readonly handoff: string | null;
  readonly handback: string;
  /** The row remembered a deletion, or its document had expired: there is no body. */
  readonly deleted: boolean;
  /** Of the body. */
  readonly bytes: number;
  /** Seconds since the epoch. */
  readonly expires: number | null;
  readonly request: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
  /** Functions of the version before tell no `code`, and nothing of what follows. */
  readonly code: Reason;
  /** Fingerprint of the content that has replaced it, or `absent`; null where it is not known. */
  readonly replacedBy: string | null;
  readonly state: State;
  /** Milliseconds since the epoch; null while it is open. */
  readonly decided: number | null;
  readonly decidedBy: string | null;
  readonly decidedWhy: string | null;
}

/** Which entries of a table: all, or those for which all of this is so. */
export interface Wanted {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly reasons?: readonly Reason[] | undefined;
  /** Only those that nobody has decided on. */
  readonly open?: boolean | undefined;
}

/** Where the content of `replaced_by` is none. */
export const ABSENT = 'absent';

/** The code, also of rows of the version before. Reasons are words of ours. */
const CODE = `COALESCE(reason_code, CASE ${Object.entries(REASONS)
  .map(([code, text]) => `WHEN reason = '${text}' THEN '${code}'`)
  .join(' ')} ELSE 'unexplained' END)`;

const isReason = (reasons: readonly Reason[]) =>
  `${CODE} IN (${reasons.map((each) => `'${each}'`).join(', ')})`;

export const FIELDS =
  'aside_id, doc_key, TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback), deleted, COALESCE(LENGTH(body), 0), expires, ' +
  `request, at, reason, ${CODE}, replaced_by, state, decided, decided_by, decided_why`;

/** No key has more characters than this behind a prefix, and none has higher ones. */
const HIGHEST = '\u{10ffff}'.repeat(63);

/** Keys with a prefix lie between it and the highest key that begins so: LIKE would have to escape it. */
export function keysFrom(prefix: string): { where: string; binds: Record<'first' | 'last_key', string> } {
  return {
    where: 'doc_key >= :first AND doc_key <= :last_key',
    binds: { first: prefix, last_key: prefix + HIGHEST },
  };
}

export function condition(table: string, { id, key, prefix, reasons, open = false }: Wanted): Condition {
  const where = [
    'table_name = :owner',
    ...(id === undefined ? [] : ['aside_id = :id']),
    ...(key === undefined ? [] : ['doc_key = :key']),
    ...(prefix === undefined ? [] : [keysFrom(prefix).where]),
    ...(open ? ["state = 'open'"] : []),
    ...(reasons === undefined ? [] : [isReason(reasons)]),
  ].join(' AND ');
  return {
    where,
    binds: {
      owner: table,
      ...(id !== undefined && { id }),
      ...(key !== undefined && { key }),
      ...(prefix !== undefined && keysFrom(prefix).binds),
    },
  };
}

/** If a configuration says nothing else. */
export const CONFLICTS_PER_MINUTE = 1000;

/** How many open conflicts each table has; none of a table that has none. */
export const OPEN_CONFLICTS = `SELECT table_name, COUNT(*) FROM CROSSFADE_SET_ASIDE WHERE state = 'open' AND ${isReason(CONFLICTS)} GROUP BY table_name`;

/** How many open conflicts of a table were set aside since then. @param since milliseconds since the epoch. */
export function recentConflicts(table: string, since: number): Statement {
  const { where, binds } = condition(table, { reasons: CONFLICTS, open: true });
  return {
    text: `SELECT COUNT(*) FROM CROSSFADE_SET_ASIDE WHERE ${where} AND at > :since`,
    binds: { ...binds, since },
  };
}

interface Condition {
  readonly where: string;
  readonly binds: Statement['binds'];
}

export function entryFrom(row: readonly unknown[]): Entry {
  const [id, key, version, handoff, handback, deleted, bytes, expires, request, at, reason, ...later] = row;
  const [code, replacedBy, state, decided, decidedBy, decidedWhy] = later;
  return {
    ...{ id: id as string, key: key as string, version: version as string },
    ...{ handoff: handoff as string | null, handback: handback as string, deleted: Number(deleted) === 1 },
    ...{ bytes: Number(bytes), expires: expires as number | null, request: request as string | null },
    ...{ at: Number(at), reason: reason as string, code: code as Reason, state: state as State },
    ...{ replacedBy: replacedBy as string | null, decided: decided === null ? null : Number(decided) },
    ...{ decidedBy: decidedBy as string | null, decidedWhy: decidedWhy as string | null },
  };
}
