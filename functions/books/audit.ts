/** The audit log: rows that nothing here changes, and that the functions' user may not delete. */
import { type Act, type AuditEntry, BEGINNING, follow } from '../records/audit.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_AUDIT', key: null };
/** Others may write at the same time: whoever comes second follows the first. */
const ATTEMPTS = 20;

export class Audit {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  async write({ at, actor, action, detail }: Act): Promise<AuditEntry> {
    const act = { at, actor: actor.slice(0, 200), action, detail: detail.slice(0, 1000) };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [last = BEGINNING] = await this.latest(1);
      const entry = follow(last, act);
      if (await this.#insert(entry)) return entry;
    }
    throw new Error('The audit log is written by too many at the same time');
  }

  /** The latest first. */
  latest(most: number): Promise<AuditEntry[]> {
    return this.#connection.use({ ...TARGET, operation: 'read' }, false, async (session) => {
      const { rows = [] } = await session.execute<[number, number, string, string, string, string]>(
        'SELECT seq, at, actor, action, detail, hash FROM CROSSFADE_AUDIT ORDER BY seq DESC FETCH FIRST :most ROWS ONLY',
        { most },
      );
      return rows.map(([seq, at, actor, action, detail, hash]) => ({ seq, at, actor, action, detail, hash }));
    });
  }

  #insert({ seq, at, actor, action, detail, hash }: AuditEntry): Promise<boolean> {
    return this.#connection.use(TARGET, true, (session) =>
      inserted(
        session,
        'INSERT INTO CROSSFADE_AUDIT (seq, at, actor, action, detail, hash) VALUES (:seq, :at, :actor, :action, :detail, :hash)',
        { seq, at, actor, action, detail, hash },
      ),
    );
  }
}
