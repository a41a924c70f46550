/**
 * Documents that operators have left out: they have discarded the dead letter, in a state of both stores that is kept with it. The decision holds
 * for as long as both stores are in that state: after any write of the document it is set aside again.
 */
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_LETTERS', key: null },
});

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
        { autoCommit: true },
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
}
