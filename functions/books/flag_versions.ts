/** Up to which version changes of each flag are entered in the audit log. */
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';
import type { Change } from './audit.ts';

const TARGET: Target = { store: 'oracle', operation: 'read', collection: 'CROSSFADE_FLAGS', key: null };

/** Which value of a parameter it is, and when it was put: milliseconds since the epoch, by SSM’s clock. */
export interface FlagVersion {
  readonly version: number;
  readonly at: number;
}

export class FlagVersions {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** By the names of parameters. */
  all(): Promise<Map<string, FlagVersion>> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[string, number, number]>(
        'SELECT name, version, at FROM CROSSFADE_FLAGS',
      );
      return new Map(rows.map(([name, version, at]) => [name, { version, at }]));
    });
  }

  /**
   * What notes a version within the transaction of an entry. It does not where another one than that before is noted by now.
   * @param before null where none was.
   */
  noting(name: string, before: FlagVersion | null, now: FlagVersion): Change {
    const insert = 'INSERT INTO CROSSFADE_FLAGS (name, version, at) VALUES (:name, :version, :at)';
    const update =
      'UPDATE CROSSFADE_FLAGS SET version = :version, at = :at WHERE name = :name AND version = :before_version AND at = :before_at';
    const { version, at } = now;
    return async (session) => {
      if (before === null) return inserted(session, insert, { name, version, at }, false);
      const { rowsAffected } = await session.execute(update, {
        ...{ name, version, at },
        ...{ before_version: before.version, before_at: before.at },
      });
      return rowsAffected === 1;
    };
  }
}
