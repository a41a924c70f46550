/** Which collection each table belongs to, as deployments have recorded it. Read and written as the owner of the tables. */
import { type LastMove, lastMoveIn, type Owner, renamed } from '../records/owner.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isNoTable } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const COMMIT = { autoCommit: true };
const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_TABLES', key: null },
});

export class Owners {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Throws where the names of a deployment differ from those that collections are migrated with, and says what to do. */
  async require(configured: readonly Owner[]): Promise<void> {
    const recorded = await this.#recorded();
    const moved = new Map<string, LastMove | null>();
    for (const { collection } of recorded) moved.set(collection, await this.#lastMove(collection));
    const problems = renamed(configured, recorded, (collection) => moved.get(collection) ?? null);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  /** Takes these in the place of what was recorded of the same collections and tables. @param at milliseconds since the epoch. */
  async record(configured: readonly Owner[], at: number): Promise<void> {
    for (const owner of configured)
      await this.#connection.use(target('note'), true, async (session) => {
        const { table, collection, parameters, keyspace } = owner;
        const elsewhere =
          'DELETE FROM CROSSFADE_TABLES WHERE collection = :collection AND parameters = :parameters AND table_name <> :table_name';
        await session.execute(elsewhere, { collection, parameters, table_name: table }, COMMIT);
        const row = { table_name: table, collection, parameters, keyspace, at };
        const insert =
          'INSERT INTO CROSSFADE_TABLES (table_name, collection, parameters, keyspace, at) ' +
          'VALUES (:table_name, :collection, :parameters, :keyspace, :at)';
        const update =
          'UPDATE CROSSFADE_TABLES SET collection = :collection, parameters = :parameters, keyspace = :keyspace, at = :at ' +
          'WHERE table_name = :table_name';
        if (!(await inserted(session, insert, row))) await session.execute(update, row, COMMIT);
      });
  }

  /** None before the deployment that creates the table. */
  #recorded(): Promise<Owner[]> {
    return this.#connection.use(target('read'), false, async (session) => {
      try {
        const { rows = [] } = await session.execute<[string, string, string, string]>(
          'SELECT table_name, collection, parameters, keyspace FROM CROSSFADE_TABLES ORDER BY table_name',
        );
        return rows.map(([table, collection, parameters, keyspace]) => ({
          ...{ table, collection, parameters, keyspace },
        }));
      } catch (error) {
        if (isNoTable(error)) return [];
        throw error;
      }
    });
  }

  /** As the audit log has it. A move that it lacks was made while Oracle was away, towards Couchbase. */
  #lastMove(collection: string): Promise<LastMove | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[string]>(
        'SELECT action FROM CROSSFADE_AUDIT WHERE action LIKE :moves ORDER BY seq DESC FETCH FIRST 1 ROWS ONLY',
        { moves: `${collection}: phase % to %` },
      );
      return lastMoveIn(rows[0]?.[0] ?? '');
    });
  }
}
