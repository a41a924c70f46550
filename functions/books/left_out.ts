/**
 * Documents that operators have left out. Of one document: they have discarded its dead letter, in a state of both stores that is kept with it,
 * and the decision holds for as long as both stores are in that state. Of a caller, or of keys that begin in some way: whatever Oracle can never
 * take of them, until the choice is undone.
 */
import type { Place } from '../records/letter.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isUniqueViolation } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';
import { COLUMNS, letterRow } from './letter_rows.ts';

/** Whose documents are left out: those that a caller has written, or those whose keys begin so. */
export interface Choice {
  readonly of: 'caller' | 'prefix';
  readonly subject: string;
}

/** When it was made, in milliseconds since the epoch. */
export interface Made extends Choice {
  readonly at: number;
}

const target = (operation: string, collection = 'CROSSFADE_LETTERS'): Target => ({
  ...{ store: 'oracle', operation, collection, key: null },
});
const CHOICES = 'CROSSFADE_LEFT_OUT';
const COMMIT = { autoCommit: true };

export class LeftOut {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Keeps the state with a letter that is about to be discarded. @param state null where it is not known: then the decision holds for nothing. */
  async note(letter: string, state: string | null): Promise<void> {
    await this.#connection.use(target('note'), true, (session) =>
      session.execute(
        'UPDATE CROSSFADE_LETTERS SET left_state = :state WHERE letter_id = :id',
        { state, id: letter },
        COMMIT,
      ),
    );
  }

  /** In which state the document was left out; null where it was not. */
  state(letter: string): Promise<string | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows: [row] = [] } = await session.execute<[string | null]>(
        "SELECT left_state FROM CROSSFADE_LETTERS WHERE letter_id = :id AND state = 'discarded'",
        { id: letter },
      );
      return row?.[0] ?? null;
    });
  }

  /** Who has written the document of a letter, as far as it tells. */
  caller(letter: string): Promise<string | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows: [row] = [] } = await session.execute<[string | null]>(
        'SELECT caller FROM CROSSFADE_LETTERS WHERE letter_id = :id',
        { id: letter },
      );
      return row?.[0] ?? null;
    });
  }

  /** Choices of a collection that hold, in no order. */
  choices(collection: string): Promise<Made[]> {
    return this.#connection.use(target('read', CHOICES), false, async (session) => {
      const { rows = [] } = await session.execute<[Choice['of'], string, number]>(
        'SELECT chosen, subject, at FROM CROSSFADE_LEFT_OUT WHERE collection = :collection AND holds = 1',
        { collection },
      );
      return rows.map(([of, subject, at]) => ({ of, subject, at: Number(at) }));
    });
  }

  /** Makes a choice, or undoes it. @returns whether that has changed anything. */
  choose(collection: string, { of, subject }: Choice, holds: boolean, now: number): Promise<boolean> {
    const row = { collection, chosen: of, subject, holds: holds ? 1 : 0, now };
    return this.#connection.use(target('note', CHOICES), true, async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_LEFT_OUT SET holds = :holds, at = :now WHERE collection = :collection AND chosen = :chosen AND subject = :subject AND holds <> :holds2',
        { ...row, holds2: row.holds },
        COMMIT,
      );
      if (rowsAffected === 1 || !holds) return rowsAffected === 1;
      const insert =
        'INSERT INTO CROSSFADE_LEFT_OUT (collection, chosen, subject, holds, at) VALUES (:collection, :chosen, :subject, :holds, :now)';
      return inserted(session, insert, row);
    });
  }

  /**
   * Writes the letter of a document that a choice leaves out, which was never open. False where an open one is there: an operator closes it.
   * @param state of both stores, in which it is left out. @param caller null where the message does not tell.
   */
  leave(
    { body, reason, place }: { readonly body: string; readonly reason: string; readonly place: Place },
    {
      state,
      caller,
      now,
    }: { readonly state: string | null; readonly caller: string | null; readonly now: number },
  ): Promise<boolean> {
    const row = letterRow(body, reason, place);
    return this.#connection.use(target('leave out'), true, async (session) => {
      const { rowsAffected } = await session.execute(
        "UPDATE CROSSFADE_LETTERS SET state = 'discarded', reason = :reason, cause = :cause, times = times + 1, last_seen = :now, " +
          "left_state = :state, caller = NVL(:caller, caller) WHERE letter_id = :id AND state <> 'open'",
        { reason: row.reason, cause: row.cause, now, state, caller, id: row.id },
        COMMIT,
      );
      if (rowsAffected === 1) return true;
      try {
        await session.execute(
          `INSERT INTO CROSSFADE_LETTERS (${COLUMNS}, left_state) ` +
            "VALUES (:id, :collection, :key, :body, :whole, :reason, :cause, 'discarded', 1, :now, :now2, 0, 0, :caller, :state)",
          { ...row, now, now2: now, caller, state },
          COMMIT,
        );
        return true;
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        return false;
      }
    });
  }
}
