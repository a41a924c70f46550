/** The audit log: rows that nothing here changes, and that the functions' user may not delete. The hash of each is kept elsewhere, too: see `records/anchors.ts`. */
import type oracledb from 'oracledb';
import { type Anchor, anchorOf } from '../records/anchors.ts';
import { type Act, type AuditEntry, BEGINNING, follow, tooLong } from '../records/audit.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_AUDIT', key: null };
/** Others may write at the same time: whoever comes second follows the first. */
const ATTEMPTS = 20;

const INSERT =
  'INSERT INTO CROSSFADE_AUDIT (seq, at, actor, action, hash, detail, detail_2, detail_3) ' +
  'VALUES (:seq, :at, :actor, :action, :hash, :detail, :detail_2, :detail_3)';

/** Changes something within a transaction. @returns false where it is not to be changed any more. */
export type Change = (session: oracledb.Connection) => Promise<boolean>;

type Row = [number, number, string, string, string, string | null, string | null, string | null];

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

  /** Rejects where the entry has no room for the act: see `ROOM`. */
  async write(act: Act): Promise<AuditEntry> {
    // Without anything beside it, it is entered or rejects.
    return (await this.#write(act)) as AuditEntry;
  }

  /** As `write`, and changes something else in the same transaction: both or none. @returns null where that is not to be changed any more. */
  writeWith(act: Act, change: Change): Promise<AuditEntry | null> {
    return this.#write(act, change);
  }

  async #write(given: Act, change?: Change): Promise<AuditEntry | null> {
    const act = storable(given);
    const problem = tooLong(act);
    if (problem !== null) throw new Error(problem);
    const id = this.#anchoring.newId();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [last = BEGINNING] = await this.latest(1);
      const entry = follow(last, act);
      await this.#anchoring.keep(anchorOf('begun', id, entry));
      const inserted = await this.#insert(entry, change);
      if (inserted === 'unwanted') return null;
      if (inserted === 'taken') continue;
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
      const { rows = [] } = await session.execute<Row>(
        `SELECT seq, at, actor, action, hash, detail, detail_2, detail_3 FROM CROSSFADE_AUDIT ${which} FETCH FIRST :most ROWS ONLY`,
        binds,
      );
      return rows.map(([seq, at, actor, action, hash, ...parts]) => ({
        ...{ seq, at, actor, action, hash },
        detail: parts.map((part) => part ?? '').join(''),
      }));
    });
  }

  #insert(entry: AuditEntry, change?: Change): Promise<'done' | 'taken' | 'unwanted'> {
    const { detail, ...rest } = entry;
    const [first = null, second = null, third = null] = inParts(detail);
    const row = { ...rest, detail: first, detail_2: second, detail_3: third };
    return this.#connection.use(TARGET, true, async (session) => {
      const isAlone = change === undefined;
      if (!(await inserted(session, INSERT, row, isAlone))) return 'taken';
      if (isAlone) return 'done';
      const isChanged = await change(session);
      await (isChanged ? session.commit() : session.rollback());
      return isChanged ? 'done' : 'unwanted';
    });
  }
}

/** As the database gives it back: half a character would come back as another one, and the hash would not fit. Oracle takes an empty text for none. */
function storable({ at, actor, action, detail }: Act): Act {
  return {
    ...{ at, actor: actor.toWellFormed(), action: action.toWellFormed() },
    detail: detail === '' ? '-' : detail.toWellFormed(),
  };
}

/** Bytes that one column has room for. Three of them hold `ROOM.detail`, although each may end before a character that does not fit. */
const COLUMN = 4000;

/** A text in as many parts as it needs, none of which cuts a character. */
function inParts(text: string): string[] {
  const parts: string[] = [];
  let [part, bytes] = ['', 0];
  for (const character of text) {
    const more = Buffer.byteLength(character);
    if (bytes + more > COLUMN) {
      parts.push(part);
      [part, bytes] = ['', 0];
    }
    part += character;
    bytes += more;
  }
  return [...parts, part];
}
