/** Remembers which collections have had writes without durability in Couchbase: gates wait for a verification that begins after the last one. */
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_NOT_DURABLE_UNTIL', key: null },
});

/** Milliseconds. Times are rounded up to it, so that many containers that note for a long time add few rows. */
const GRAIN = 10_000;

/** Rows of functions of the version before, which had one of a collection, count as well. */
const UNTIL =
  'SELECT MAX(until_at) FROM (SELECT until_at FROM CROSSFADE_NOT_DURABLE_UNTIL WHERE collection = :collection1 ' +
  'UNION ALL SELECT until_at FROM CROSSFADE_NOT_DURABLE WHERE collection = :collection2)';

export class NotDurable {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Up to this time there may be such writes. A time that is noted is never set back. @param until milliseconds since the epoch. */
  note(collection: string, until: number): Promise<void> {
    return this.#connection.use(target('note'), true, async (session) => {
      const insert =
        'INSERT INTO CROSSFADE_NOT_DURABLE_UNTIL (collection, until_at) VALUES (:collection, :until_at)';
      // Where it is there already, nothing is to be added.
      await inserted(session, insert, { collection, until_at: Math.ceil(until / GRAIN) * GRAIN });
    });
  }

  /** Milliseconds since the epoch; null where there never was such a write. */
  until(collection: string): Promise<number | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const binds = { collection1: collection, collection2: collection };
      const { rows = [] } = await session.execute<[number | null]>(UNTIL, binds);
      return rows[0]?.[0] ?? null;
    });
  }
}
