/** Dead letters, as they were set aside: SQS forgets their messages after 14 days, and cannot be asked for one. */
import type oracledb from 'oracledb';
import type { Letter, Place } from '../records/letter.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { listOf } from '../stores/oracle/statements.ts';
import { again, COLUMNS, insert, keptSince, letterFrom, letterRow, type Seen } from './letter_rows.ts';
import { openOf, type Wanted } from './wanted_letters.ts';

export type { Letter, Place } from '../records/letter.ts';
export { causeIn, keptSince, letterId } from './letter_rows.ts';
export type { Wanted } from './wanted_letters.ts';

export interface Counted {
  /** Of the collection, or of no known document: however often a document was set aside, it counts once. */
  readonly open: number;
  readonly waiting: number;
  /** When the oldest that waits was sent; null for none. */
  readonly since: number | null;
  /** Open letters of no known document. */
  readonly ofNobody: number;
  /** Messages in the queue of dead letters that open letters of all collections count. */
  readonly queued: number;
  /** How many letters those are. */
  readonly queuing: number;
}

export interface Group {
  readonly cause: string;
  readonly count: number;
  readonly oldest: number;
}

export interface CallerGroup extends Omit<Group, 'cause'> {
  readonly caller: string;
}

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_LETTERS', key: null };
export class Letters {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Writes the letter of a message that was set aside, or opens its letter again; or notes that a receipt waits for a store.
   * @param place of the document that it is about.
   * @param seen `since`: when it was sent: the first of them counts for as long as the letter is open, or waits. `queued`: when it
   * was put into the queue of dead letters, if the letter is to count it as one message more.
   */
  async keep(
    body: string,
    reason: string,
    place: Place | null,
    now: number,
    { state = 'open', since = now, queued = null, caller = null }: Partial<Seen> = {},
  ): Promise<Pick<Letter, 'id' | 'whole'>> {
    const row = { ...letterRow(body, reason, place), ...{ state, now, since, queued, caller } };
    await this.#connection.use(TARGET, true, async (session) => {
      // Another worker may insert it between the two.
      const kept = (await again(session, row)) || (await insert(session, row)) || (await again(session, row));
      if (!kept) throw new Error(`The letter ${row.id} can neither be inserted nor updated`);
      await session.commit();
    });
    return { id: row.id, whole: row.whole === 1 };
  }

  count(collection: string, now: number): Promise<Counted> {
    return this.#connection.use(TARGET, false, async (session) => {
      const kept = keptSince(now);
      const { rows = [] } = await session.execute<[string | null, string, number, number, number, number]>(
        'SELECT collection, state, COUNT(*), MIN(first_seen), ' +
          "SUM(CASE WHEN state = 'open' AND queued_since > :kept THEN queued ELSE 0 END), " +
          "SUM(CASE WHEN state = 'open' AND queued_since > :kept2 AND queued > 0 THEN 1 ELSE 0 END) " +
          "FROM CROSSFADE_LETTERS WHERE state IN ('open', 'waiting') GROUP BY collection, state",
        { kept, kept2: kept },
      );
      const all = rows.map(([of, state, count, first, queued, queuing]) => ({
        ...{ of, state, count: Number(count), first: Number(first) },
        ...{ queued: Number(queued), queuing: Number(queuing) },
      }));
      const sum = (counts: (each: (typeof all)[number]) => boolean) =>
        all.filter(counts).reduce((total, { count }) => total + count, 0);
      const waits = all.filter(({ state, of }) => state === 'waiting' && of === collection);
      return {
        open: sum(({ state, of }) => state === 'open' && (of === null || of === collection)),
        waiting: sum(({ state, of }) => state === 'waiting' && (of === null || of === collection)),
        since: waits.length === 0 ? null : Math.min(...waits.map(({ first }) => first)),
        ofNobody: sum(({ state, of }) => state === 'open' && of === null),
        queued: all.reduce((total, { queued }) => total + queued, 0),
        queuing: all.reduce((total, { queuing }) => total + queuing, 0),
      };
    });
  }

  /** How many of those that are wanted are open. */
  countOpen(wanted: Wanted): Promise<number> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { where, binds } = openOf(wanted);
      const text = `SELECT COUNT(*) FROM CROSSFADE_LETTERS WHERE ${where}`;
      const { rows = [] } = await session.execute<[number]>(text, binds);
      return Number(rows[0]?.[0] ?? 0);
    });
  }

  /** Open ones by their causes, the most frequent first. */
  groups(wanted: Wanted): Promise<Group[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { where, binds } = openOf(wanted);
      const { rows = [] } = await session.execute<[string, number, number]>(
        `SELECT cause, COUNT(*), MIN(first_seen) FROM CROSSFADE_LETTERS WHERE ${where} ` +
          'GROUP BY cause ORDER BY COUNT(*) DESC FETCH FIRST 100 ROWS ONLY',
        binds,
      );
      return rows.map(([cause, count, oldest]) => ({ cause, count: Number(count), oldest: Number(oldest) }));
    });
  }

  /** Open ones by who has written their documents, the most frequent first. Without those of whom nothing is known. */
  callers(wanted: Wanted): Promise<CallerGroup[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { where, binds } = openOf(wanted);
      const { rows = [] } = await session.execute<[string, number, number]>(
        `SELECT caller, COUNT(*), MIN(first_seen) FROM CROSSFADE_LETTERS WHERE ${where} AND caller IS NOT NULL ` +
          'GROUP BY caller ORDER BY COUNT(*) DESC FETCH FIRST 100 ROWS ONLY',
        binds,
      );
      return rows.map(([caller, count, oldest]) => ({
        caller,
        count: Number(count),
        oldest: Number(oldest),
      }));
    });
  }

  /** Open ones, the oldest first. */
  open(wanted: Wanted, most: number): Promise<Letter[]> {
    const { where, binds } = openOf(wanted);
    const text = `${where} ORDER BY first_seen, letter_id FETCH FIRST :most ROWS ONLY`;
    return this.#select(text, { ...binds, most });
  }

  /** Receipts that have been delivered, and wait for a store. */
  waiting(collection: string, most: number): Promise<Letter[]> {
    const where = "state = 'waiting' AND collection = :collection";
    return this.#select(`${where} ORDER BY first_seen FETCH FIRST :most ROWS ONLY`, { collection, most });
  }

  /** Those that wait, and that no delivery has noted since then, the oldest note first. */
  overdue(before: number, most: number): Promise<Letter[]> {
    const where = "state = 'waiting' AND last_seen < :before";
    return this.#select(`${where} ORDER BY last_seen FETCH FIRST :most ROWS ONLY`, { before, most });
  }

  /** Notes that a receipt was sent anew for a letter that waits. */
  async renewed(id: string, now: number): Promise<void> {
    await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        "UPDATE CROSSFADE_LETTERS SET last_seen = :now WHERE letter_id = :id AND state = 'waiting'",
        { now, id },
        { autoCommit: true },
      ),
    );
  }

  /** Of one document, in any state. */
  ofKey(collection: string, key: string): Promise<Letter[]> {
    return this.#select('doc_key = :key AND collection = :collection ORDER BY last_seen DESC', {
      key,
      collection,
    });
  }

  async find(id: string): Promise<Letter | null> {
    return (await this.#select('letter_id = :id', { id }))[0] ?? null;
  }

  /**
   * Closes an open letter as it was read, which then counts no message in the queue. False where it has been kept again since, or
   * closed, or counts another number of messages: nothing has happened then.
   * @param now from before the message was sent again: what is set aside later opens the letter again.
   */
  async close(
    { id, times, queued }: Pick<Letter, 'id' | 'times' | 'queued'>,
    state: 'redriven' | 'discarded',
    now: number,
  ): Promise<boolean> {
    const { rowsAffected } = await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        'UPDATE CROSSFADE_LETTERS SET state = :state, last_seen = :now, queued = 0, queued_since = 0 ' +
          "WHERE letter_id = :id AND state = 'open' AND times = :times AND queued = :queued",
        { state, now, id, times, queued },
        { autoCommit: true },
      ),
    );
    return rowsAffected === 1;
  }

  /**
   * Corrects how many messages an open letter counts: so many fewer, and one at least, which was sent then and stays in the queue.
   * False where the letter is not open.
   */
  async recount(id: string, fewer: number, sent: number, now: number): Promise<boolean> {
    const kept = keptSince(now);
    const { rowsAffected } = await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        'UPDATE CROSSFADE_LETTERS SET ' +
          'queued = GREATEST(CASE WHEN queued_since > :kept THEN queued ELSE 0 END - :fewer, 1), ' +
          'queued_since = CASE WHEN queued_since > :kept2 AND queued - :fewer2 > 1 THEN queued_since ELSE :sent END ' +
          "WHERE letter_id = :id AND state = 'open'",
        { kept, kept2: kept, fewer, fewer2: fewer, sent, id },
        { autoCommit: true },
      ),
    );
    return rowsAffected === 1;
  }

  /** Receipts of the documents were settled: whatever waited for that waits no longer. @param ids at most `MOST_KEYS`. */
  async settled(ids: readonly string[], now: number): Promise<void> {
    const { list, binds } = listOf(ids);
    await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        `UPDATE CROSSFADE_LETTERS SET state = 'settled', last_seen = :now WHERE letter_id IN (${list}) AND state = 'waiting'`,
        { now, ...binds },
        { autoCommit: true },
      ),
    );
  }

  #select(where: string, binds: Record<string, string | number>): Promise<Letter[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const text = `SELECT ${COLUMNS} FROM CROSSFADE_LETTERS WHERE ${where}`;
      const { rows = [] } = await session.execute<unknown[]>(text, binds as oracledb.BindParameters);
      return rows.map(letterFrom);
    });
  }
}
