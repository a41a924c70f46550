/** Who did what, and why: rows that nobody may change, since the functions' user is granted no deletion and nothing here updates. */
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';

export interface AuditEntry {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly detail: string;
}

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_AUDIT', key: null };

export class Audit {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  async write({ id, at, actor, action, detail }: AuditEntry): Promise<void> {
    await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        'INSERT INTO CROSSFADE_AUDIT (entry_id, at, actor, action, detail) VALUES (:id, :at, :actor, :action, :detail)',
        { id, at, actor: actor.slice(0, 250), action, detail: detail.slice(0, 1000) },
        { autoCommit: true },
      ),
    );
  }

  /** The latest first. */
  latest(most: number): Promise<AuditEntry[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[string, number, string, string, string]>(
        'SELECT entry_id, at, actor, action, detail FROM CROSSFADE_AUDIT ORDER BY at DESC FETCH FIRST :most ROWS ONLY',
        { most },
      );
      return rows.map(([id, at, actor, action, detail]) => ({ id, at, actor, action, detail }));
    });
  }
}
