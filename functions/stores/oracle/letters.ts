/** Dead letters, as they were set aside: SQS forgets them after 14 days, and cannot be asked for one. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { again, COLUMNS, insert, type Letter, letterFrom, letterRow, type Place } from './letter_rows.ts';

export { causeIn, type Letter, letterId, type Place } from './letter_rows.ts';

/** Which letters an operator means: all, or those with this cause or of this document. */
export interface Wanted {
  readonly cause?: string | undefined;
  readonly collection?: string | undefined;
  readonly key?: string | undefined;
}

export interface Counted {
  /** Of the collection, or of no known document: however often a document was set aside, it counts once. */
  readonly open: number;
  readonly waiting: number;
  /** When the oldest that waits was sent; null for none. */
  readonly since: number | null;
  /** Open letters of no known document. */
  readonly ofNobody: number;
  /** Those of them whose message is too long to be kept whole: it has to stay in the queue. */
  readonly partial: number;
  /** Open letters of all collections. */
  readonly ofAll: number;
}

export interface Group {
  readonly cause: string;
  readonly count: number;
  readonly oldest: number;
}

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_LETTERS', key: null };
export class Letters {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Keeps a message that was set aside, or opens its letter again. Once it is kept whole, no queue has to keep it any longer.
   * @param place of the document that it is about.
   * @param since when it was sent: the first of them counts for as long as the letter is open, or waits.
   */
  async keep(
    body: string,
    reason: string,
    place: Place | null,
    now: number,
    state: 'open' | 'waiting' = 'open',
    since = now,
  ): Promise<Pick<Letter, 'id' | 'whole'>> {
    const row = { ...letterRow(body, reason, place), ...{ state, now, since } };
    await this.#connection.use(TARGET, true, async (session) => {
      // Another worker may insert it between the two.
      const kept = (await again(session, row)) || (await insert(session, row)) || (await again(session, row));
      if (!kept) throw new Error(`The letter ${row.id} can neither be inserted nor updated`);
      await session.commit();
    });
    return { id: row.id, whole: row.whole === 1 };
  }

  count(collection: string): Promise<Counted> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[string | null, string, number, number, number]>(
        'SELECT collection, state, whole, COUNT(*), MIN(first_seen) FROM CROSSFADE_LETTERS ' +
          "WHERE state IN ('open', 'waiting') GROUP BY collection, state, whole",
      );
      const all = rows.map(([of, state, whole, count, first]) => ({
        ...{ of, state, whole: whole === 1, count: Number(count), first: Number(first) },
      }));
      const sum = (counts: (each: (typeof all)[number]) => boolean) =>
        all.filter(counts).reduce((total, { count }) => total + count, 0);
      const waits = all.filter(({ state, of }) => state === 'waiting' && of === collection);
      return {
        open: sum(({ state, of }) => state === 'open' && (of === null || of === collection)),
        waiting: sum(({ state, of }) => state === 'waiting' && (of === null || of === collection)),
        since: waits.length === 0 ? null : Math.min(...waits.map(({ first }) => first)),
        ofNobody: sum(({ state, of }) => state === 'open' && of === null),
        partial: sum(({ state, of, whole }) => state === 'open' && of === null && !whole),
        ofAll: sum(({ state }) => state === 'open'),
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
   * Closes an open letter as it was read. False where it has been kept again since, or closed: nothing has happened then.
   * @param now from before the message was sent again: what is set aside later opens the letter again.
   */
  async close(
    { id, times }: Pick<Letter, 'id' | 'times'>,
    state: 'redriven' | 'discarded',
    now: number,
  ): Promise<boolean> {
    const { rowsAffected } = await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        'UPDATE CROSSFADE_LETTERS SET state = :state, last_seen = :now ' +
          "WHERE letter_id = :id AND state = 'open' AND times = :times",
        { state, now, id, times },
        { autoCommit: true },
      ),
    );
    return rowsAffected === 1;
  }

  /** A receipt of the document was settled: whatever waited for that waits no longer. */
  async settled(id: string, now: number): Promise<void> {
    await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        "UPDATE CROSSFADE_LETTERS SET state = 'settled', last_seen = :now WHERE letter_id = :id",
        { now, id },
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

/** The condition of those that are wanted, and open. */
function openOf({ cause, collection, key }: Wanted): { where: string; binds: Record<string, string> } {
  const asked = Object.entries({ cause, collection, doc_key: key }).filter(
    (each): each is [string, string] => each[1] !== undefined,
  );
  const where = ["state = 'open'", ...asked.map(([column]) => `${column} = :${column}`)].join(' AND ');
  return { where, binds: Object.fromEntries(asked) };
}
