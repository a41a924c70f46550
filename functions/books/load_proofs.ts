/** What was measured for the proof of load: a row a minute of each container that has measured something. */
import * as v from 'valibot';
import { isPhase, type Phase } from '../protocol/phase.ts';
import { FIGURES, type Figures, type ProofRow } from '../records/load_proof.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_LOAD_PROOF', key: null },
});
const COMMIT = { autoCommit: true };
const SAME =
  'collection = :collection AND minute = :minute AND phase = :phase AND percent = :percent AND part = :part';

export class LoadProofs {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Puts what one container has measured in a minute so far in the place of what it has put there before.
   * @param part of the container: it tells its rows from those of others.
   */
  put(collection: string, part: string, { minute, phase, percent, figures }: ProofRow): Promise<void> {
    const row = { collection, minute, phase, percent, part, figures: JSON.stringify(figures) };
    return this.#connection.use(target('note'), true, async (session) => {
      const update = `UPDATE CROSSFADE_LOAD_PROOF SET figures = :figures WHERE ${SAME}`;
      const { rowsAffected = 0 } = await session.execute(update, row, COMMIT);
      if (rowsAffected > 0) return;
      const insert =
        'INSERT INTO CROSSFADE_LOAD_PROOF (collection, minute, phase, percent, part, figures) VALUES (:collection, :minute, :phase, :percent, :part, :figures)';
      await inserted(session, insert, row);
    });
  }

  /** Of minutes that began from then on. @param from milliseconds since the epoch. */
  since(collection: string, from: number): Promise<ProofRow[]> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[number, string, number, string]>(
        'SELECT minute, phase, percent, figures FROM CROSSFADE_LOAD_PROOF WHERE collection = :collection AND minute >= :from_minute',
        { collection, from_minute: from },
      );
      return rows.flatMap(([minute, phase, percent, text]) => {
        const figures = figuresIn(text);
        return figures === null || !isPhase(phase) ? [] : [{ minute, phase, percent, figures }];
      });
    });
  }

  /** Removes at most so many rows of minutes before then. @returns how many. */
  removeOld(before: number, most: number): Promise<number> {
    return this.#connection.use(target('remove'), true, async (session) => {
      const { rows = [] } = await session.execute<[string, number, Phase, number, string]>(
        'SELECT collection, minute, phase, percent, part FROM CROSSFADE_LOAD_PROOF WHERE minute < :before FETCH FIRST :most ROWS ONLY',
        { before, most },
      );
      let removed = 0;
      for (const [collection, minute, phase, percent, part] of rows) {
        const row = { collection, minute, phase, percent, part };
        const text = `DELETE FROM CROSSFADE_LOAD_PROOF WHERE ${SAME}`;
        removed += (await session.execute(text, row)).rowsAffected ?? 0;
      }
      await session.commit();
      return removed;
    });
  }
}

/** Null for what another version may have written: it proves nothing. */
function figuresIn(text: string): Figures | null {
  try {
    const { success, output } = v.safeParse(FIGURES, JSON.parse(text));
    return success ? output : null;
  } catch {
    return null;
  }
}
