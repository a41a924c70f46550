/**
 * A share of the keys of a collection acts a phase ahead: in `expand` as in `seal`, in `seal` as in `switch`. Which keys these are follows from the key alone, so a share that
 * grows keeps all that it had. Requests and receipts act in the phase of their key. To functions that do not know of the share the collection is in its own phase, as in the
 * window of a move.
 */
import { createHash } from 'node:crypto';
import type { Phase } from '../protocol/phase.ts';

/** Phases that a share of the keys may be ahead of, and the phase that it is in. */
const AHEAD: Partial<Readonly<Record<Phase, Phase>>> = { expand: 'seal', seal: 'switch' };

export interface Ramp {
  /** Of the keys, 0 to 100. It is 100 only where the whole collection has come to its phase by a ramp. */
  readonly percent: number;
  /** When the share became what it is, in milliseconds since the epoch. */
  readonly since: number;
}

/** A collection's phase, as far as it decides on one of its keys. */
interface Ramped {
  readonly phase: Phase;
  readonly ramp?: Pick<Ramp, 'percent'> | undefined;
}

/** The phase that a share of the keys may be in while the others are in this one; null for none. */
export function aheadOf(phase: Phase): Phase | null {
  return AHEAD[phase] ?? null;
}

/** Percent of the keys that are a phase ahead now; 0 for none. */
export function shareOf({ phase, ramp }: Ramped): number {
  return ramp === undefined || ramp.percent === 100 || aheadOf(phase) === null ? 0 : ramp.percent;
}

/** The phase that a request for this key acts in. */
export function phaseOfKey(ramped: Ramped, key: string): Phase {
  const share = shareOf(ramped);
  return share > 0 && isWithin(key, share) ? (aheadOf(ramped.phase) ?? ramped.phase) : ramped.phase;
}

/** 2 ** 32: as many numbers as four bytes have. */
const NUMBERS = 4_294_967_296;

/** Whether a key is in a share: the first four bytes of the SHA-256 of its UTF-8, as a number between 0 and 1, are below it. */
export function isWithin(key: string, percent: number): boolean {
  const number = createHash('sha256').update(key).digest().readUInt32BE(0);
  return number * 100 < percent * NUMBERS;
}
