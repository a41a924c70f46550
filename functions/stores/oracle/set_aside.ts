/**
 * What was set aside: contents that were replaced although what replaced them does not follow from them. After a forced move
 * Couchbase decides in `expand`, also about keys that Oracle had ordered; and a store that has lost what it had acknowledged holds
 * something else than the other. What was replaced was acknowledged to a client once, so it is kept here, where operators read it. Nothing here deletes an entry: only the owner of the tables may.
 */
import { createHash } from 'node:crypto';
import type oracledb from 'oracledb';
import type { Content, OracleState } from '../../protocol/state.ts';
import { NO_VERSION, type Version } from '../../protocol/version.ts';
import type { Target } from '../failure.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import { isUniqueViolation } from './failure.ts';
import {
  ABSENT,
  CONFLICTS,
  condition,
  type Entry,
  entryFrom,
  FIELDS,
  OPEN_CONFLICTS,
  REASONS,
  type Reason,
  type State,
  type Wanted,
} from './set_aside_rows.ts';
import type { Statement } from './statements.ts';

export type { Entry, State, Wanted } from './set_aside_rows.ts';

/** What a row held, or a document in Couchbase, which has no order of its key. */
type Kept = { readonly content: Content; readonly version: Version } & Partial<OracleState>;

/**
 * Keeps what a store held. Its name follows from what it is, so the same thing is kept once, however often it is set aside.
 * @param by what replaces it. @param now milliseconds since the epoch
 */
export function keepStatement(
  table: string,
  key: string,
  state: Kept,
  { reason, by }: { readonly reason: Reason; readonly by: Content },
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
      '(aside_id, table_name, doc_key, version, handoff, handback, deleted, body, expires, request, at, reason, reason_code, replaced_by) ' +
      'VALUES (:id, :owner, :key, :version, :handoff, :handback, :deleted, :body, :expires, :request, :now, :reason, :code, :replaced_by)',
    binds: {
      ...{ id, owner: table, key, version, handoff, handback, deleted: content === null ? 1 : 0, body },
      ...{ expires, request, now, reason: REASONS[reason], code: reason, replaced_by: by?.digest ?? ABSENT },
    },
  };
}

/**
 * Replaces a row and keeps what it held, both or neither. The replacement goes first: it is what the guard is in, and it holds the
 * row until the commit, which the last statement brings along. So this takes two round trips, and those of its projections.
 * @param swaps replaces the row, and does not commit. @returns whether the guard held: otherwise nothing has happened.
 */
export async function swapAside(
  session: oracledb.Connection,
  swaps: () => Promise<boolean>,
  keep: Statement,
): Promise<boolean> {
  if (!(await swaps())) return false;
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

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_SET_ASIDE', key: null },
});

/** What operators read, and decide on. */
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

  /** How many conflicts nobody has decided on. */
  openConflicts(table: string): Promise<number> {
    return this.count(table, { reasons: CONFLICTS, open: true });
  }

  /** The same of all tables, in one question; none is told of a table that has none. */
  async allOpenConflicts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#select(OPEN_CONFLICTS, {});
    return new Map(rows.map(([table, count]) => [table as string, Number(count)]));
  }

  /** Closes an entry. False where somebody has closed it before, or there is none. */
  decide(
    table: string,
    id: string,
    { state, at, by, why }: { state: Exclude<State, 'open'>; at: number; by: string; why: string },
  ): Promise<boolean> {
    return this.#connection.use(target('decide'), true, async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_SET_ASIDE SET state = :state, decided = :now, decided_by = :actor, decided_why = :why ' +
          "WHERE aside_id = :id AND table_name = :owner AND state = 'open'",
        { state, now: at, actor: by, why, id, owner: table },
        { autoCommit: true },
      );
      return rowsAffected === 1;
    });
  }

  async #keyOf(table: string, id: string): Promise<string | null> {
    const rows = await this.#select(
      'SELECT doc_key FROM CROSSFADE_SET_ASIDE WHERE aside_id = :id AND table_name = :owner',
      { id, owner: table },
    );
    return (rows[0]?.[0] as string | undefined) ?? null;
  }

  #select(text: string, binds: Statement['binds']): Promise<unknown[][]> {
    return this.#connection.use(target('read'), false, async (session) => {
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
