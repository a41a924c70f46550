/**
 * What all containers know of the logins with one version of Oracle's secret: records with numbers from 1 on, one for each try. Oracle's
 * DEFAULT profile locks an account after 10 refused logins in a row, for a day and for the right password too, so a password that was never seen
 * to work is tried by one container alone.
 */

/** Of one try. `trying`: its outcome is not known yet. */
export type LoginState = 'trying' | 'accepted' | 'refused';

export interface LoginRecord {
  readonly state: LoginState;
  /** When it came into this state, in milliseconds since the epoch. */
  readonly at: number;
}

/** What a container may do that wants to log in. */
export type Admission =
  /** Log in: the password worked the last time. */
  | { readonly kind: 'admitted' }
  /** Log in, if it makes the record of this number: one container can. */
  | { readonly kind: 'claim'; readonly number: number }
  /** Another container logs in right now. */
  | { readonly kind: 'wait' }
  /** Nothing before that time; null: nothing with this version of the secret any more. */
  | { readonly kind: 'held'; readonly until: number | null };

const MINUTE = 60_000;
/** Milliseconds from one refused try to the next. */
const PAUSES = [MINUTE / 2, 2 * MINUTE, 10 * MINUTE, 60 * MINUTE, 4 * 60 * MINUTE] as const;
/** Tries with one version: below 10, so that a second wrong version does not lock the account at once. */
export const MOST_TRIES = PAUSES.length + 1;
/** Milliseconds after which a try without an outcome counts as refused: its container has died. */
const OUTCOME = 15_000;

/** @param records of one version, in their order. @param now milliseconds since the epoch. */
export function admissionBy(records: readonly LoginRecord[], now: number): Admission {
  const last = records.at(-1);
  if (last === undefined) return { kind: 'claim', number: 1 };
  if (last.state === 'accepted') return { kind: 'admitted' };
  if (last.state === 'trying' && now - last.at < OUTCOME) return { kind: 'wait' };
  const pause = pauseAfter(records.length);
  if (pause === null) return { kind: 'held', until: null };
  const until = last.at + pause;
  return now < until ? { kind: 'held', until } : { kind: 'claim', number: records.length + 1 };
}

/** Milliseconds from the refusal of the try of this number to the next; null where there is no next. */
export function pauseAfter(number: number): number | null {
  return PAUSES[number - 1] ?? null;
}
