/** Dead letters, as they were set aside: SQS forgets them after 14 days, and cannot be asked for one. */
import { createHash } from 'node:crypto';
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';

export interface Letter {
  readonly id: string;
  /** Null where the message is none of ours. */
  readonly collection: string | null;
  readonly key: string | null;
  /** The message, or the beginning of one that is too long to be kept. */
  readonly body: string;
  readonly whole: boolean;
  readonly reason: string;
  /** The reason without the document that it is about: what many of them have in common. */
  readonly cause: string;
  /** `waiting`: it has been delivered, and waits for a store; `settled`: it waited, and was settled. */
  readonly state: 'open' | 'redriven' | 'discarded' | 'waiting' | 'settled';
  /** How often it was set aside. */
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** The document that a message is about. */
export interface Place {
  readonly collection: string;
  readonly key: string;
}

/** Which letters an operator means: all, or those with this cause or of this document. */
export interface Wanted {
  readonly cause?: string | undefined;
  readonly collection?: string | undefined;
  readonly key?: string | undefined;
}

export interface Counted {
  /** Of the collection, or of nobody known. */
  readonly open: number;
  readonly waiting: number;
  /** When the oldest that waits was sent; null for none. */
  readonly since: number | null;
  /** Open ones of all collections. */
  readonly ofAll: number;
}

export interface Group {
  readonly cause: string;
  readonly count: number;
  readonly oldest: number;
}

const TARGET: Target = { store: 'oracle', operation: 'note', collection: 'CROSSFADE_LETTERS', key: null };
const COLUMNS =
  'letter_id, collection, doc_key, body, whole, reason, cause, state, times, first_seen, last_seen';
/** Bytes that the columns have room for. */
const [BODY, REASON] = [4000, 900];

/** What many reasons have in common: without the run, the shard and the key. */
export function causeIn(reason: string): string {
  return reason
    .replace(/^\S+, shard \d+: /, '')
    .replace(/, key "(?:[^"\\]|\\.)*"(?: \(\d+ characters\))?/g, '');
}

/** The name of a letter: receipts of one document say the same, so they are one letter. */
export function letterId(body: string, place: Place | null): string {
  const named = place === null ? body : `${place.collection}\n${place.key}`;
  return createHash('sha256').update(named).digest('base64url');
}

export class Letters {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Keeps a message that was set aside, or opens its letter again. @param place of the document that it is about.
   * @param since when it was sent: the first of them counts for as long as the letter is open, or waits.
   */
  async keep(
    body: string,
    reason: string,
    place: Place | null,
    now: number,
    state: 'open' | 'waiting' = 'open',
    since = now,
  ): Promise<void> {
    const whole = Buffer.byteLength(body) <= BODY;
    const row = {
      ...{ id: letterId(body, place), reason: cut(reason, REASON), cause: cut(causeIn(reason), REASON), now },
      ...{ body: whole ? body : cut(body, BODY), whole: whole ? 1 : 0 },
      ...{ collection: place?.collection ?? null, key: place?.key ?? null },
    };
    await this.#connection.use(TARGET, true, async (session) => {
      const { rowsAffected } = await session.execute(
        'UPDATE CROSSFADE_LETTERS SET state = :state, reason = :reason, cause = :cause, times = times + 1, last_seen = :now, ' +
          "first_seen = CASE WHEN state IN ('open', 'waiting') THEN LEAST(first_seen, :since) ELSE :since2 END " +
          'WHERE letter_id = :id',
        { state, reason: row.reason, cause: row.cause, now, since, since2: since, id: row.id },
      );
      if (rowsAffected === 0)
        await session.execute(
          `INSERT INTO CROSSFADE_LETTERS (${COLUMNS}) ` +
            'VALUES (:id, :collection, :key, :body, :whole, :reason, :cause, :state, 1, :now, :now2)',
          { ...row, now: since, state, now2: now },
        );
      await session.commit();
    });
  }

  count(collection: string): Promise<Counted> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[string | null, string, number, number]>(
        'SELECT collection, state, COUNT(*), MIN(first_seen) FROM CROSSFADE_LETTERS ' +
          "WHERE state IN ('open', 'waiting') GROUP BY collection, state",
      );
      const sum = (wanted: string, counts: (of: string | null) => boolean) =>
        rows
          .filter(([of, state]) => state === wanted && counts(of))
          .reduce((total, [, , count]) => total + Number(count), 0);
      const mine = (of: string | null) => of === null || of === collection;
      const oldest = rows.find(([of, state]) => state === 'waiting' && of === collection)?.[3];
      return {
        ...{ open: sum('open', mine), waiting: sum('waiting', mine), ofAll: sum('open', () => true) },
        since: oldest === undefined ? null : Number(oldest),
      };
    });
  }

  /** Open ones by their causes, the most frequent first. */
  groups(): Promise<Group[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[string, number, number]>(
        'SELECT cause, COUNT(*), MIN(first_seen) FROM CROSSFADE_LETTERS ' +
          "WHERE state = 'open' GROUP BY cause ORDER BY COUNT(*) DESC FETCH FIRST 100 ROWS ONLY",
      );
      return rows.map(([cause, count, oldest]) => ({ cause, count: Number(count), oldest: Number(oldest) }));
    });
  }

  /** Open ones, the oldest first. */
  open({ cause, collection, key }: Wanted, most: number): Promise<Letter[]> {
    const asked = Object.entries({ cause, collection, doc_key: key }).filter(
      ([, value]) => value !== undefined,
    );
    const where = ["state = 'open'", ...asked.map(([column]) => `${column} = :${column}`)].join(' AND ');
    return this.#select(`${where} ORDER BY first_seen, letter_id FETCH FIRST :most ROWS ONLY`, {
      ...Object.fromEntries(asked),
      most,
    });
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

  async close(id: string, state: Exclude<Letter['state'], 'open' | 'waiting'>, now: number): Promise<void> {
    await this.#connection.use(TARGET, true, (session) =>
      session.execute(
        'UPDATE CROSSFADE_LETTERS SET state = :state, last_seen = :now WHERE letter_id = :id',
        { state, now, id },
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

function letterFrom(row: readonly unknown[]): Letter {
  const [id, collection, key, body, whole, reason, cause, state, times, firstSeen, lastSeen] = row;
  return {
    ...{ id: id as string, collection: collection as string | null, key: key as string | null },
    ...{
      body: body as string,
      whole: whole === 1,
      reason: reason as string,
      cause: cause as string,
      state: state as Letter['state'],
    },
    ...{ times: times as number, firstSeen: firstSeen as number, lastSeen: lastSeen as number },
  };
}

/** To so many bytes, at the end of a character. */
function cut(text: string, bytes: number): string {
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\ufffd$/, '');
}
