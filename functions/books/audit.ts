/** The audit log: rows that nothing here changes, and that the functions' user may not delete. The hash of each is kept elsewhere, too: see `records/anchors.ts`. */
import { type Anchor, anchorOf } from '../records/anchors.ts';
import { type Act, type AuditEntry, BEGINNING, follow } from '../records/audit.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_AUDIT', key: null };
/** Others may write at the same time: whoever comes second follows the first. */
const ATTEMPTS = 20;

/** Where the hashes of entries are kept, out of reach of the database's users. */
export interface Anchoring {
  /** Of an act, which no other one has. */
  newId(): string;
  /** Never rejects: a log that is away holds up no entry. */
  keep(anchor: Anchor): Promise<void>;
}

const NOWHERE: Anchoring = { newId: () => '-', keep: async () => {} };

export class Audit {
  readonly #connection: OracleConnection;
  readonly #anchoring: Anchoring;

  constructor(connection: OracleConnection, anchoring: Anchoring = NOWHERE) {
    this.#connection = connection;
    this.#anchoring = anchoring;
  }

  /** The same log, whose hashes are kept there from now on. */
  anchoredBy(anchoring: Anchoring): Audit {
    return new Audit(this.#connection, anchoring);
  }

  async write({ at, actor, action, detail }: Act): Promise<AuditEntry> {
    const act = { at, actor: actor.slice(0, 200), action, detail: detail.slice(0, 1000) };
    const id = this.#anchoring.newId();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [last = BEGINNING] = await this.latest(1);
      const entry = follow(last, act);
      await this.#anchoring.keep(anchorOf('begun', id, entry));
      if (!(await this.#insert(entry))) continue;
      await this.#anchoring.keep(anchorOf('entered', id, entry));
      return entry;
    }
    throw new Error('The audit log is written by too many at the same time');
  }

  /** The latest first. */
  latest(most: number): Promise<AuditEntry[]> {
    return this.#read('ORDER BY seq DESC', { most });
  }

  /** Those above that number, in their order. */
  after(seq: number, most: number): Promise<AuditEntry[]> {
    return this.#read('WHERE seq > :seq ORDER BY seq', { seq, most });
  }

  #read(which: string, binds: Readonly<Record<string, number>>): Promise<AuditEntry[]> {
    return this.#connection.use({ ...TARGET, operation: 'read' }, false, async (session) => {
      const { rows = [] } = await session.execute<[number, number, string, string, string, string]>(
        `SELECT seq, at, actor, action, detail, hash FROM CROSSFADE_AUDIT ${which} FETCH FIRST :most ROWS ONLY`,
        binds,
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
