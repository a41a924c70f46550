/** Remembers which collections have had writes without durability in Couchbase: gates wait for a verification that begins after the last one. */
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_NOT_DURABLE', key: null },
});
const COMMIT = { autoCommit: true };

export class NotDurable {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Up to this time there may be such writes. A time that is noted is never set back. @param until milliseconds since the epoch. */
  note(collection: string, until: number): Promise<void> {
    return this.#connection.use(target('note'), true, async (session) => {
      const raise = () =>
        session.execute(
          'UPDATE CROSSFADE_NOT_DURABLE SET until_at = GREATEST(until_at, :until_at) WHERE collection = :collection',
          { until_at: until, collection },
          COMMIT,
        );
      const { rowsAffected = 0 } = await raise();
      if (rowsAffected > 0) return;
      const insert =
        'INSERT INTO CROSSFADE_NOT_DURABLE (collection, until_at) VALUES (:collection, :until_at)';
      if (!(await inserted(session, insert, { collection, until_at: until }))) await raise();
    });
  }

  /** Milliseconds since the epoch; null where there never was such a write. */
  until(collection: string): Promise<number | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[number]>(
        'SELECT until_at FROM CROSSFADE_NOT_DURABLE WHERE collection = :collection',
        { collection },
      );
      return rows[0]?.[0] ?? null;
    });
  }
}
