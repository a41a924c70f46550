/** The heartbeat in Oracle: one row, which is changed only by whoever has seen what it holds. */
import { type Heartbeat, UNREADABLE } from '../records/heartbeat.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isNotGranted } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_HEARTBEAT', key: null },
});
const COMMIT = { autoCommit: true };
/** Of the only row. */
const SUBJECT = 'oracle';

const INSERT =
  'INSERT INTO CROSSFADE_HEARTBEAT (subject, beat, history, at) VALUES (:subject, :beat, :history, :at)';
const UPDATE =
  'UPDATE CROSSFADE_HEARTBEAT SET beat = :beat, history = :history, at = :at WHERE subject = :subject AND beat = :was AND history = :history_was';

export class Heartbeats {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Null where there is none yet. */
  read(): Promise<Heartbeat | null | typeof UNREADABLE> {
    return this.#connection.use(target('read'), false, async (session) => {
      try {
        const { rows = [] } = await session.execute<[number, string, number]>(
          'SELECT beat, history, at FROM CROSSFADE_HEARTBEAT WHERE subject = :subject',
          { subject: SUBJECT },
        );
        const [row] = rows;
        return row === undefined ? null : { number: row[0], history: row[1], at: row[2] };
      } catch (error) {
        if (isNotGranted(error)) return UNREADABLE;
        throw error;
      }
    });
  }

  /** Writes and commits. @param before what it replaces; null for nothing. @returns false where something else is there: nothing is written then. */
  write(before: Heartbeat | null, { number, history, at }: Heartbeat): Promise<boolean> {
    const row = { subject: SUBJECT, beat: number, history, at };
    return this.#connection.use(target('write'), true, async (session) => {
      if (before === null) return inserted(session, INSERT, row);
      const was = { was: before.number, history_was: before.history };
      const { rowsAffected } = await session.execute(UPDATE, { ...row, ...was }, COMMIT);
      return rowsAffected === 1;
    });
  }
}
