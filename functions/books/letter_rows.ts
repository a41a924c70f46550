/** Rows of dead letters. */

import { createHash } from 'node:crypto';
import type oracledb from 'oracledb';
import { withinBytes } from '../parsing/within.ts';
import type { Letter, Place } from '../records/letter.ts';
import { isUniqueViolation } from '../stores/oracle/failure.ts';

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
  /** When the message was put into the queue of dead letters, if the letter is to count it; otherwise null. */
  readonly queued: number | null;
  /** Who wrote the document; null where the message does not tell, and what is known stays. */
  readonly caller: string | null;
}

/** SQS forgets a message 14 days after it was sent. An hour less, so that no letter counts a message that is gone. */
const KEPT = (14 * 24 - 1) * 3_600_000;

/** Messages that were sent later are still in the queue. */
export function keptSince(now: number): number {
  return now - KEPT;
}

export const COLUMNS =
  'letter_id, collection, doc_key, body, whole, reason, cause, state, times, first_seen, last_seen, queued, queued_since, caller';
/** What `queued_since` has room for: later than every time. */
const NEVER = 999_999_999_999_999;
/** Bytes that the columns have room for. */
const [BODY, REASON] = [4000, 900];

/** Where a value stands that a projection cannot take: it may be in any element of an array. */
const OF_ELEMENT = / at \S.*?, for the (?:column \S+ of|table) /;

/** What many reasons have in common: without the run, the shard, the key, the element, and how large what does not fit is. */
export function causeIn(reason: string): string {
  return reason
    .replace(/^\S+, shard \d+: /, '')
    .replace(
      /(?<=\b(?:a text|a body|a number|an array|an object|point and|key has|body has) (?:of )?)\d+(?= (?:bytes|digits|characters|elements|members)\b)/g,
      '…',
    )
    .replace(OF_ELEMENT, (found) => found.replaceAll(/\[\d+\]/g, '[…]'))
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
    ...{ id: letterId(body, place), body: whole ? body : withinBytes(body, BODY), whole: whole ? 1 : 0 },
    ...{ collection: place?.collection ?? null, key: place?.key ?? null },
    ...{ reason: withinBytes(reason, REASON), cause: withinBytes(causeIn(reason), REASON) },
  };
}

/** False where there is no such letter yet. */
export async function again(
  session: oracledb.Connection,
  { id, state, reason, cause, now, since, queued, caller }: LetterRow & Seen,
): Promise<boolean> {
  if (state === 'waiting' && (await isOpen(session, id, since))) return true;
  const kept = keptSince(now);
  const sent = { sent: queued ?? NEVER, sent2: queued ?? 0 };
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_LETTERS SET state = :state, reason = :reason, cause = :cause, times = times + 1, last_seen = :now, ' +
      'caller = NVL(:caller, caller), ' +
      "first_seen = CASE WHEN state IN ('open', 'waiting') THEN LEAST(first_seen, :since) ELSE :since2 END, " +
      "queued = CASE WHEN state = 'open' AND queued_since > :kept THEN queued ELSE 0 END + :added, " +
      "queued_since = CASE WHEN state = 'open' AND queued_since > :kept2 THEN LEAST(queued_since, :sent) ELSE :sent2 END " +
      'WHERE letter_id = :id',
    {
      ...{ state, reason, cause, now, since, since2: since, id, caller },
      ...{ kept, kept2: kept, added: queued === null ? 0 : 1, ...sent },
    },
  );
  return rowsAffected !== 0;
}

/** An open letter stays open while another receipt of its document waits: its messages lie in the queue until an operator closes it. */
async function isOpen(session: oracledb.Connection, id: string, since: number): Promise<boolean> {
  const { rowsAffected } = await session.execute(
    'UPDATE CROSSFADE_LETTERS SET times = times + 1, first_seen = LEAST(first_seen, :since) ' +
      "WHERE letter_id = :id AND state = 'open'",
    { since, id },
  );
  return rowsAffected !== 0;
}

/** False where there is such a letter already. */
export async function insert(
  session: oracledb.Connection,
  { queued, ...row }: LetterRow & Seen,
): Promise<boolean> {
  try {
    await session.execute(
      `INSERT INTO CROSSFADE_LETTERS (${COLUMNS}) ` +
        'VALUES (:id, :collection, :key, :body, :whole, :reason, :cause, :state, 1, :since, :now, :added, :sent, :caller)',
      { ...row, added: queued === null ? 0 : 1, sent: queued ?? 0 },
    );
    return true;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return false;
  }
}

export function letterFrom(row: readonly unknown[]): Letter {
  const [id, collection, key, body, whole, reason, cause, state, times, firstSeen, lastSeen, ...rest] = row;
  const [queued, queuedSince, caller] = rest as [number, number, string | null];
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
    ...{ queued: queued ?? 0, queuedSince: queuedSince ?? 0, caller: caller ?? null },
  };
}
