/** Changes by SQL that nobody has decided on: a row for each key, however often it was changed. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { inserted } from './inserted.ts';
import { keysFrom } from './set_aside_rows.ts';
import type { WATCHED } from './sql_watch.ts';
import type { Statement, Versions } from './statements.ts';

/**
 * What the trigger has written, or a repair or a verification without it. `unversioned`: a body that is not the one that Couchbase gave out in the same version.
 */
export type What = (typeof WATCHED)[number] | 'unversioned';
/** What is found without the trigger. */
export type Changed = Exclude<What, 'columns'>;

/** Versions are text, since no JavaScript number holds them: those that the row has since; where it was deleted, those that it had. */
export interface SqlChange {
  readonly key: string;
  readonly what: What;
  readonly version: string;
  readonly handoff: string | null;
  readonly handback: string;
  /** Statements that have changed the row. */
  readonly changes: number;
  /** Milliseconds since the epoch, by the clock of the database. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Who has made the last of them; null where that is not known. */
  readonly user: string | null;
  readonly osUser: string | null;
  readonly module: string | null;
}

/** Which changes of a table: all, or those for which all of this is so. */
export interface WantedChanges {
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly what?: What | undefined;
}

/** Rows that are counted at most: a report job may have changed millions. */
export const COUNTED = 100_000;

const NAME = 'CROSSFADE_SQL_CHANGES';
const FIELDS =
  'doc_key, what, TO_CHAR(version), TO_CHAR(handoff), TO_CHAR(handback), changes, first_at, last_at, db_user, os_user, module';

function condition(table: string, { key, prefix, what }: WantedChanges) {
  const where = [
    'table_name = :owner',
    ...(key === undefined ? [] : ['doc_key = :key']),
    ...(prefix === undefined ? [] : [keysFrom(prefix).where]),
    ...(what === undefined ? [] : ['what = :what']),
  ].join(' AND ');
  const binds = {
    owner: table,
    ...(key !== undefined && { key }),
    ...(prefix !== undefined && keysFrom(prefix).binds),
    ...(what !== undefined && { what }),
  };
  return { where, binds };
}

export class SqlChanges {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** How many keys: as many as `COUNTED`, or more. */
  async count(table: string, wanted: WantedChanges = {}): Promise<number> {
    const { where, binds } = condition(table, wanted);
    const query = `SELECT COUNT(*) FROM (SELECT doc_key FROM ${NAME} WHERE ${where} AND ROWNUM <= :most)`;
    const rows = await this.#select(query, { ...binds, most: COUNTED });
    return Number(rows[0]?.[0] ?? 0);
  }

  /** In the order of the keys. @param after the last key of the page before, or null. */
  async list(table: string, wanted: WantedChanges, after: string | null, most: number): Promise<SqlChange[]> {
    const { where, binds } = condition(table, wanted);
    const above = after === null ? '' : ' AND doc_key > :after';
    const rows = await this.#select(
      `SELECT ${FIELDS} FROM ${NAME} WHERE ${where}${above} ORDER BY doc_key FETCH FIRST :most ROWS ONLY`,
      { ...binds, ...(after !== null && { after }), most },
    );
    return rows.map(changeFrom);
  }

  /**
   * Removes a change that somebody has decided on. False where the row was changed again since it was read, or somebody else has decided, also where it was
   * changed once more after that: the entry that is there then tells of another change.
   */
  decide(
    table: string,
    { key, what, version, handoff, handback, changes, firstAt, lastAt }: SqlChange,
  ): Promise<boolean> {
    const seen = { version, handback, changes, first_at: firstAt, last_at: lastAt };
    const same = [
      ...Object.keys(seen).map((column) => `${column} = :${column}`),
      handoff === null ? 'handoff IS NULL' : 'handoff = :handoff',
    ].join(' AND ');
    const { where, binds } = condition(table, { key, what });
    return this.#connection.use(target('decide'), true, async (session) => {
      const { rowsAffected } = await session.execute(
        `DELETE FROM ${NAME} WHERE ${where} AND ${same}`,
        { ...binds, ...seen, ...(handoff !== null && { handoff }) },
        { autoCommit: true },
      );
      return rowsAffected === 1;
    });
  }

  #select(text: string, binds: Statement['binds']): Promise<unknown[][]> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows } = await session.execute<unknown[]>(text, binds as oracledb.BindParameters);
      return rows ?? [];
    });
  }
}

/** Writes down that a row was changed. Where its key is there already, that is enough. @param now milliseconds. */
export async function noteChanged(
  connection: OracleConnection,
  row: Target & { readonly key: string },
  what: Changed,
  { version, handoff, handback }: Versions,
  now: number,
): Promise<void> {
  const text =
    `INSERT INTO ${NAME} (table_name, doc_key, what, version, handoff, handback, changes, first_at, last_at) ` +
    'VALUES (:owner, :key, :what, :version, :handoff, :handback, 1, :now, :now2)';
  const binds = { owner: row.collection, key: row.key, what, version, handoff, handback, now, now2: now };
  await connection.use(row, true, (session) => inserted(session, text, binds));
}

function changeFrom(row: readonly unknown[]): SqlChange {
  const [key, what, version, handoff, handback, changes, first, last, user, osUser, module] = row;
  return {
    ...{ key: key as string, what: what as What, version: version as string, changes: Number(changes) },
    ...{ handoff: handoff as string | null, handback: handback as string },
    ...{ firstAt: Number(first), lastAt: Number(last), user: user as string | null },
    ...{ osUser: osUser as string | null, module: module as string | null },
  };
}

function target(operation: string): Target {
  return { store: 'oracle', operation, collection: NAME, key: null };
}
