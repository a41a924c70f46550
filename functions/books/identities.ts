/** Which database answers, and the ledger of which stores each collection was migrated with. */
import type oracledb from 'oracledb';
import type { StoreName } from '../protocol/phase.ts';
import { type Marks, marksIn, rowOf } from '../records/marks.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isNotGranted } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';

/**
 * The DBID is that of all physical standbys. The incarnation changes when the database is opened with RESETLOGS: after a flashback, a recovery
 * to an earlier time, or a failover to a standby that may lack commits; not after a switch-over.
 */
const INCARNATION =
  "SELECT TO_CHAR(DBID), TO_CHAR(RESETLOGS_CHANGE#), TO_CHAR(RESETLOGS_TIME, 'YYYYMMDDHH24MISS') FROM V$DATABASE";
/** Every user may read these; a switch-over changes neither. */
const NAMES = "SELECT SYS_CONTEXT('USERENV', 'DB_NAME'), SYS_CONTEXT('USERENV', 'CON_NAME') FROM DUAL";
const COMMIT = { autoCommit: true };

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_IDENTITIES', key: null },
});

/** What this database tells of itself. */
export function oracleMarks(connection: OracleConnection): Promise<Marks> {
  return connection.use(target('identify'), false, async (session) => {
    const [name, container] = await rowIn(session, NAMES);
    const [dbid, change, time] = await granted(session);
    return {
      ...(name ? { name } : {}),
      ...(container ? { container } : {}),
      ...(dbid ? { dbid, incarnation: `${change} of ${time}` } : {}),
    };
  });
}

async function granted(session: oracledb.Connection): Promise<readonly (string | null)[]> {
  try {
    return await rowIn(session, INCARNATION);
  } catch (error) {
    if (isNotGranted(error)) return [];
    throw error;
  }
}

async function rowIn(session: oracledb.Connection, sql: string): Promise<readonly (string | null)[]> {
  return (await session.execute<(string | null)[]>(sql)).rows?.[0] ?? [];
}

export class Identities {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Of all collections, by `rowOf`. */
  all(): Promise<ReadonlyMap<string, Marks>> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[string, StoreName, string]>(
        'SELECT collection, store, marks FROM CROSSFADE_IDENTITIES',
      );
      const known = rows.map(
        ([collection, store, text]) => [rowOf(collection, store), marksIn(text)] as const,
      );
      return new Map(known.filter((each): each is [string, Marks] => each[1] !== null));
    });
  }

  /**
   * @param instead what it replaces: these marks only, whatever there is, or nothing, so that what is remembered already stays.
   * @param at milliseconds since the epoch.
   */
  remember(
    collection: string,
    store: StoreName,
    marks: Marks,
    instead: Marks | 'any' | null,
    at: number,
  ): Promise<void> {
    const row = { collection, store, marks: JSON.stringify(marks), at };
    return this.#connection.use(target('note'), true, async (session) => {
      const insert =
        'INSERT INTO CROSSFADE_IDENTITIES (collection, store, marks, at) VALUES (:collection, :store, :marks, :at)';
      if ((await inserted(session, insert, row)) || instead === null) return;
      const update =
        'UPDATE CROSSFADE_IDENTITIES SET marks = :marks, at = :at WHERE collection = :collection AND store = :store';
      // Somebody may have accepted another store since these marks were read.
      if (instead === 'any') await session.execute(update, row, COMMIT);
      else
        await session.execute(
          `${update} AND marks = :before`,
          { ...row, before: JSON.stringify(instead) },
          COMMIT,
        );
    });
  }
}
