/** What was changed to make both stores agree: a row a time that somebody had to. */
import type oracledb from 'oracledb';
import type { Repair } from '../records/repair.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_REPAIRS', key: null };

/** Writes a repair down within the transaction of what it has changed. Two of one key in one millisecond: one of them is enough. */
export async function recordRepair(
  session: oracledb.Connection,
  { collection, key, at, cause, detail }: Repair,
  autoCommit = false,
): Promise<void> {
  await inserted(
    session,
    'INSERT INTO CROSSFADE_REPAIRS (collection, doc_key, at, cause, detail) VALUES (:collection, :key, :at, :cause, :detail)',
    { collection, key, at, cause: cause.slice(0, 250), detail: detail.slice(0, 1000) },
    autoCommit,
  );
}

export class Repairs {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  async record(repair: Repair): Promise<void> {
    await this.#connection.use(TARGET, true, (session) => recordRepair(session, repair, true));
  }

  /** Of one document, the latest first. */
  of(collection: string, key: string, most: number): Promise<Repair[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[number, string, string]>(
        'SELECT at, cause, detail FROM CROSSFADE_REPAIRS WHERE doc_key = :key AND collection = :collection ' +
          'ORDER BY at DESC FETCH FIRST :most ROWS ONLY',
        { key, collection, most },
      );
      return rows.map(([at, cause, detail]) => ({ collection, key, at, cause, detail }));
    });
  }
}
