/**
 * What was set aside: contents that were replaced although what replaced them does not follow from them. After a forced move
 * Couchbase decides in `expand`, also about keys that Oracle had ordered; and a store that has lost what it had acknowledged holds
 * something else than the other. What was replaced was acknowledged to a client once, so it is kept here, where operators read it. Nothing here deletes an entry: only the owner of the tables may.
 */
import { createHash } from 'node:crypto';
import type oracledb from 'oracledb';
import type { Content, OracleState, Reason } from '../../protocol/state.ts';
import { NO_VERSION, type Version } from '../../protocol/version.ts';
import type { Target } from '../failure.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import { isUniqueViolation } from './failure.ts';
import type { Statement } from './statements.ts';

/** The words for each reason, as operators read them. */
const REASONS: Readonly<Record<Reason, string>> = {
  'taken back': 'Couchbase decided in expand, and held something else',
  'couchbase forgot':
    'Couchbase held this, an older version than Oracle, of a key that Couchbase orders: a failover lost the later one',
  'oracle forgot':
    'Couchbase held this in a later version than Oracle, which orders the key: Oracle has come back in an earlier state, or somebody has written past the API',
  unexplained:
    'Oracle held this, Couchbase held nothing, and has no tombstone that tells of a deletion since',
};

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
}

/** Which entries of a table: all, those of one key, or those of keys with this prefix. */
export interface Wanted {
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
}

const FIELDS =
  'aside_id, doc_key, TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback), deleted, COALESCE(LENGTH(body), 0), expires, ' +
  'request, at, reason';

/** What a row held, or a document in Couchbase, which has no order of its key. */
type Kept = { readonly content: Content; readonly version: Version } & Partial<OracleState>;

/**
 * Keeps what a store held. Its name follows from what it is, so the same thing is kept once, however often it is set aside.
 * @param now milliseconds since the epoch
 */
export function keepStatement(
  table: string,
  key: string,
  state: Kept,
  reason: Reason,
  now: number,
): Statement {
  const { content, version, handoff = null, handback = NO_VERSION } = state;
  const body =
    content === null
      ? null
      : Buffer.from(content.body.buffer, content.body.byteOffset, content.body.byteLength);
  const expires =
    content === null || content.expiresAt === null ? null : Math.floor(content.expiresAt / 1000);
  const request = content?.request ?? null;
  const named = [table, key, version, handoff, handback, content === null, expires, request].map(String);
  const id = createHash('sha256')
    .update(JSON.stringify(named))
    .update(body ?? '')
    .digest('base64url');
  return {
    text:
      'INSERT INTO CROSSFADE_SET_ASIDE ' +
      '(aside_id, table_name, doc_key, version, handoff, handback, deleted, body, expires, request, at, reason) ' +
      'VALUES (:id, :owner, :key, :version, :handoff, :handback, :deleted, :body, :expires, :request, :now, :reason)',
    binds: {
      ...{ id, owner: table, key, version, handoff, handback, deleted: content === null ? 1 : 0, body },
      ...{ expires, request, now, reason: REASONS[reason] },
    },
  };
}

/**
 * Replaces a row and keeps what it held, both or neither. The replacement goes first: it is what the guard is in, and it holds the
 * row until the commit, which the second statement brings along. So this takes two round trips.
 * @returns whether the guard held: otherwise nothing has happened.
 */
export async function swapAside(
  session: oracledb.Connection,
  swap: Statement,
  keep: Statement,
): Promise<boolean> {
  if ((await session.execute(swap.text, swap.binds)).rowsAffected !== 1) return false;
  try {
    await session.execute(keep.text, keep.binds, { autoCommit: true });
  } catch (error) {
    // Whatever else it throws leaves the transaction open, and a connection that is given back rolls it back.
    if (!isUniqueViolation(error)) throw error;
    await session.commit();
  }
  return true;
}

/** Keeps a state by itself, once, however often it is asked to. */
export async function keep(session: oracledb.Connection, { text, binds }: Statement): Promise<null> {
  try {
    await session.execute(text, binds, { autoCommit: true });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  return null;
}

/** What operators read. */
export class SetAside {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** How many entries there are. */
  async count(table: string, wanted: Wanted): Promise<number> {
    const { where, binds } = condition(table, wanted);
    const rows = await this.#select(`SELECT COUNT(*) FROM CROSSFADE_SET_ASIDE WHERE ${where}`, binds);
    return Number(rows[0]?.[0] ?? 0);
  }

  /** In the order of keys, then of ids. @param after the id of the last entry of the page before, or null. */
  async list(table: string, wanted: Wanted, after: string | null, most: number): Promise<Entry[]> {
    const { where, binds } = condition(table, wanted);
    const last = after === null ? null : await this.#keyOf(table, after);
    if (after !== null && last === null) throw new UnknownEntry(after);
    const above = last === null ? '' : ' AND (doc_key > :last OR (doc_key = :last2 AND aside_id > :after))';
    const rows = await this.#select(
      `SELECT ${FIELDS} FROM CROSSFADE_SET_ASIDE WHERE ${where}${above} ` +
        'ORDER BY doc_key, aside_id FETCH FIRST :most ROWS ONLY',
      { ...binds, ...(last !== null && { last, last2: last, after }), most },
    );
    return rows.map(entryFrom);
  }

  /** What it held; null where there is no such entry. Of a deletion it is empty. */
  async body(table: string, id: string): Promise<Buffer | null> {
    const rows = await this.#select(
      'SELECT body FROM CROSSFADE_SET_ASIDE WHERE aside_id = :id AND table_name = :owner',
      { id, owner: table },
    );
    const [row] = rows;
    return row === undefined ? null : ((row[0] as Buffer | null) ?? Buffer.alloc(0));
  }

  async #keyOf(table: string, id: string): Promise<string | null> {
    const rows = await this.#select(
      'SELECT doc_key FROM CROSSFADE_SET_ASIDE WHERE aside_id = :id AND table_name = :owner',
      { id, owner: table },
    );
    return (rows[0]?.[0] as string | undefined) ?? null;
  }

  #select(text: string, binds: Statement['binds']): Promise<unknown[][]> {
    const target: Target = {
      store: 'oracle',
      operation: 'read',
      collection: 'CROSSFADE_SET_ASIDE',
      key: null,
    };
    return this.#connection.use(target, false, async (session) => {
      const { rows } = await session.execute<unknown[]>(text, binds, LOBS_AS_BYTES);
      return rows ?? [];
    });
  }
}

/** There is no entry of this id, so nobody knows which page follows it. */
export class UnknownEntry extends Error {
  override readonly name = 'UnknownEntry';

  constructor(id: string) {
    super(
      `Nothing with the id ${id} was set aside of this collection, or the owner of the tables has deleted it. List from the beginning`,
    );
  }
}

/** No key has more characters than this behind a prefix, and none has higher ones. */
const HIGHEST = '\u{10ffff}'.repeat(63);

/** Keys with a prefix lie between it and the highest key that begins so: LIKE would have to escape it. */
function condition(table: string, { key, prefix }: Wanted): { where: string; binds: Statement['binds'] } {
  const where = [
    'table_name = :owner',
    ...(key === undefined ? [] : ['doc_key = :key']),
    ...(prefix === undefined ? [] : ['doc_key >= :first', 'doc_key <= :last_key']),
  ].join(' AND ');
  return {
    where,
    binds: {
      owner: table,
      ...(key !== undefined && { key }),
      ...(prefix !== undefined && { first: prefix, last_key: prefix + HIGHEST }),
    },
  };
}

function entryFrom(row: readonly unknown[]): Entry {
  const [id, key, version, handoff, handback, deleted, bytes, expires, request, at, reason] = row;
  return {
    ...{ id: id as string, key: key as string, version: version as string },
    ...{ handoff: handoff as string | null, handback: handback as string, deleted: Number(deleted) === 1 },
    ...{ bytes: Number(bytes), expires: expires as number | null, request: request as string | null },
    ...{ at: Number(at), reason: reason as string },
  };
}
