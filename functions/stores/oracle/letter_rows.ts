/** Rows of dead letters. */
import { createHash } from 'node:crypto';
import type oracledb from 'oracledb';
import { isUniqueViolation } from './failure.ts';

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
  /** How often it was set aside, or noted as waiting. */
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

/** A letter as it is written, without what becomes of it. */
export interface LetterRow {
  readonly id: string;
  readonly collection: string | null;
  readonly key: string | null;
  readonly body: string;
  readonly whole: number;
  readonly reason: string;
  readonly cause: string;
}

/** What has become of it now. */
export interface Seen {
  readonly state: 'open' | 'waiting';
  readonly now: number;
  readonly since: number;
}

export const COLUMNS =
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

export function letterRow(body: string, reason: string, place: Place | null): LetterRow {
  const whole = Buffer.byteLength(body) <= BODY;
  return {
    ...{ id: letterId(body, place), body: whole ? body : cut(body, BODY), whole: whole ? 1 : 0 },
    ...{ collection: place?.collection ?? null, key: place?.key ?? null },
    ...{ reason: cut(reason, REASON), cause: cut(causeIn(reason), REASON) },
  };
}

/** False where there is no such letter yet. */
export async function again(
  session: oracledb.Connection,
  { id, state, reason, cause, now, since }: LetterRow & Seen,
): Promise<boolean> {
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_LETTERS SET state = :state, reason = :reason, cause = :cause, times = times + 1, last_seen = :now, ' +
      "first_seen = CASE WHEN state IN ('open', 'waiting') THEN LEAST(first_seen, :since) ELSE :since2 END " +
      'WHERE letter_id = :id',
    { state, reason, cause, now, since, since2: since, id },
  );
  return rowsAffected !== 0;
}

/** False where there is such a letter already. */
export async function insert(session: oracledb.Connection, row: LetterRow & Seen): Promise<boolean> {
  try {
    await session.execute(
      `INSERT INTO CROSSFADE_LETTERS (${COLUMNS}) ` +
        'VALUES (:id, :collection, :key, :body, :whole, :reason, :cause, :state, 1, :since, :now)',
      { ...row },
    );
    return true;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return false;
  }
}

export function letterFrom(row: readonly unknown[]): Letter {
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
