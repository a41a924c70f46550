/** What verifications have counted in tables of projections, added up by the shards that have counted it. */
import type oracledb from 'oracledb';
import type { LenientFigures, ProjectedFigures } from '../records/projected.ts';
import type { Hold } from '../records/run.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';

const TARGET: Target = { store: 'oracle', operation: 'read', collection: 'CROSSFADE_PROJECTED', key: null };
/** In the place of a column: the rows of the table. */
const ROWS = '*';

/** Adds what a batch has counted, within the transaction that moves its shard on, and after it: so no two workers of a shard add at the same time. */
export async function addProjected(
  session: oracledb.Connection,
  hold: Pick<Hold, 'run' | 'shard'>,
  figures: readonly ProjectedFigures[],
): Promise<void> {
  for (const { table, rows, lenient } of figures) {
    await add(session, hold, table, { column: ROWS, rows, nulled: 0, rounded: 0 });
    for (const each of lenient) await add(session, hold, table, { ...each, rows: 0 });
  }
}

async function add(
  session: oracledb.Connection,
  { run, shard }: Pick<Hold, 'run' | 'shard'>,
  table: string,
  { column, rows, nulled, rounded }: LenientFigures & { readonly rows: number },
): Promise<void> {
  const row = { run, shard, of_table: table, name: column, added: rows, nulled, rounded };
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_PROJECTED SET row_count = row_count + :added, nulled = nulled + :nulled, rounded = rounded + :rounded ' +
      'WHERE run_id = :run AND shard = :shard AND table_name = :of_table AND column_name = :name',
    row,
  );
  if (rowsAffected === 0)
    await session.execute(
      'INSERT INTO CROSSFADE_PROJECTED (run_id, shard, table_name, column_name, row_count, nulled, rounded) ' +
        'VALUES (:run, :shard, :of_table, :name, :added, :nulled, :rounded)',
      row,
    );
}

export class ProjectedBook {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** The sums of a run, by table and column in their order. */
  of(run: string): Promise<ProjectedFigures[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows: sums = [] } = await session.execute<[string, string, number, number, number]>(
        'SELECT table_name, column_name, SUM(row_count), SUM(nulled), SUM(rounded) FROM CROSSFADE_PROJECTED ' +
          'WHERE run_id = :run GROUP BY table_name, column_name ORDER BY table_name, column_name',
        { run },
      );
      const tables = [...new Set(sums.map(([table]) => table))];
      return tables.map((table) => {
        const own = sums.filter(([of]) => of === table);
        const lenient = own
          .filter(([, column]) => column !== ROWS)
          .map(([, column, , nulled, rounded]) => ({
            ...{ column, nulled: Number(nulled), rounded: Number(rounded) },
          }));
        return { table, rows: own.reduce((sum, [, , rows]) => sum + Number(rows), 0), lenient };
      });
    });
  }
}
