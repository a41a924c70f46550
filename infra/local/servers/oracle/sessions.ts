/** All sessions of the database: what V$SESSION tells of them, who may see that, and how one of them ends another. */
import { OraError } from './ora.ts';
import type { Ending } from './sql/ending.ts';
import { literal } from './sql/tokens.ts';
import type { Statement } from './sql/translate.ts';

/** Rights that no user has until it is ordered: see `Running.allow`. */
export const PRIVILEGES = ['ALTER SYSTEM', 'SELECT ON V_$SESSION'] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** Of the view, those that are read here. */
const COLUMNS = '"SID", "SERIAL#", "USERNAME", "STATUS"';
const VIEW = ' "V$SESSION"';

export class Sessions {
  readonly #open = new Map<number, OwnSession>();
  readonly #privileges = new Map<string, ReadonlySet<Privilege>>();
  #last = 0;

  /** @param end breaks the connection, or has its next call be told that the session was killed; nothing of its transaction is left then. */
  enter(end: (disconnects: boolean) => Promise<void>): OwnSession {
    const session = new OwnSession(this, ++this.#last, end);
    this.#open.set(session.sid, session);
    return session;
  }

  leave({ sid }: OwnSession): void {
    this.#open.delete(sid);
  }

  /** From now on a user has these, and no others. */
  allow(user: string, privileges: readonly Privilege[]): void {
    this.#privileges.set(user.toUpperCase(), new Set(privileges));
  }

  has(user: string, privilege: Privilege): boolean {
    return this.#privileges.get(user)?.has(privilege) ?? false;
  }

  of({ sid, serial }: Ending): OwnSession | null {
    const session = this.#open.get(sid);
    return session?.serial === serial && !session.isEnded ? session : null;
  }

  get all(): readonly OwnSession[] {
    return [...this.#open.values()].filter(({ user }) => user !== '');
  }
}

/** A session, and what it may do with others. */
export class OwnSession {
  readonly sid: number;
  readonly serial: number;
  readonly end: (disconnects: boolean) => Promise<void>;
  readonly #sessions: Sessions;
  /** Empty before its login. */
  user = '';
  isEnded = false;

  constructor(sessions: Sessions, sid: number, end: (disconnects: boolean) => Promise<void>) {
    this.#sessions = sessions;
    this.sid = sid;
    this.serial = 1000 + 7 * sid;
    this.end = end;
  }

  leave(): void {
    this.#sessions.leave(this);
  }

  /** The same statement, over the sessions of this moment. Throws ORA-00942 where it asks for them without the right. */
  over(statement: Statement): Statement {
    if (!statement.needs.some(({ table }) => table === 'V$SESSION')) return statement;
    if (!this.#sessions.has(this.user, 'SELECT ON V_$SESSION'))
      throw new OraError(942, 'table or view does not exist');
    const rows = this.#sessions.all.map(({ sid, serial, user, isEnded }) => {
      const status = isEnded ? 'KILLED' : sid === this.sid ? 'ACTIVE' : 'INACTIVE';
      return `(${sid}::numeric, ${serial}::numeric, ${literal(user).text}::varchar, '${status}'::varchar)`;
    });
    const table = ` (SELECT * FROM (VALUES ${rows.join(', ')}) AS sessions (${COLUMNS}))`;
    return { ...statement, pieces: statement.pieces.map((piece) => (piece === VIEW ? table : piece)) };
  }

  /** Throws ORA-01031, ORA-00027 for itself, and ORA-00030 for one that is not there. */
  async endOther(ending: Ending): Promise<void> {
    if (!this.#sessions.has(this.user, 'ALTER SYSTEM')) throw new OraError(1031, 'insufficient privileges');
    const other = this.#sessions.of(ending);
    if (other === null) throw new OraError(30, 'User session ID does not exist.');
    if (other === this) throw new OraError(27, 'cannot kill current session');
    other.isEnded = true;
    await other.end(ending.disconnects);
  }
}
