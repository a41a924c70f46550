/**
 * A decimal number as its digits and the power of ten of the last one. A document decides how many digits there are, and how large the power is, so nothing
 * here is a `BigInt`, and a power is written out as zeros only where that is short.
 */
import type { Rounding } from './policy.ts';

/** Without its sign. */
export interface Size {
  /** Without zeros at either end. */
  readonly digits: string;
  /** Infinite where the document asks for more than a double holds. */
  readonly power: number;
}

export interface Digits extends Size {
  readonly negative: boolean;
}

/** Longest number that is written without an exponent, its sign not counted: that of Oracle's format TM9. */
export const LONGEST_PLAIN = 64;

/** Null for zero. @param decimal in canonical spelling (`protocol/decimal.ts`). */
export function digitsOf(decimal: string): Digits | null {
  if (decimal === '0') return null;
  const negative = decimal.startsWith('-');
  const end = decimal.lastIndexOf('e');
  return { negative, digits: decimal.slice(negative ? 1 : 0, end), power: Number(decimal.slice(end + 1)) };
}

/** The power of ten of the first digit. */
export function leadOf({ digits, power }: Size): number {
  return digits.length - 1 + power;
}

/** The nearest multiple of ten to the power `finest`, which is above that of its last digit. Null for zero. */
export function roundedAt({ digits, power }: Size, finest: number, rule: Rounding): Size | null {
  const cut = finest - power;
  const kept = digits.slice(0, Math.max(0, digits.length - cut));
  if (goesUp(digits, cut, rule)) return oneAbove(kept, finest);
  const trimmed = withoutZeros(kept);
  return trimmed === '' ? null : { digits: trimmed, power: finest + kept.length - trimmed.length };
}

/** The digits without zeros at their end. A pattern would look at a run of zeros once for each of them. */
export function withoutZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** @param cut how many digits go, more than there are where what goes is below a tenth. */
function goesUp(digits: string, cut: number, rule: Rounding): boolean {
  const first = digits[digits.length - cut];
  if (rule === 'down' || first === undefined || first < '5') return false;
  // The last digit is no zero, so more than one is more than a half.
  if (first > '5' || cut > 1 || rule === 'half-up') return true;
  return Number(digits[digits.length - cut - 1] ?? 0) % 2 === 1;
}

function oneAbove(digits: string, power: number): Size {
  let at = digits.length - 1;
  while (digits[at] === '9') at--;
  const raised = at < 0 ? '1' : `${digits.slice(0, at)}${Number(digits[at]) + 1}`;
  return { digits: raised, power: power + digits.length - 1 - at };
}

/** Digits and a point where that takes at most 64 characters, an exponent else. */
export function spelt(number: Digits | null): string {
  if (number === null) return '0';
  const { negative, digits, power } = number;
  const length = Math.max(1, digits.length + power) + (power < 0 ? 1 - power : 0);
  return `${negative ? '-' : ''}${length <= LONGEST_PLAIN ? plain(digits, power) : scientific(number)}`;
}

function scientific(size: Size): string {
  const [first, rest] = [size.digits.slice(0, 1), size.digits.slice(1)];
  return `${first}${rest === '' ? '' : `.${rest}`}E${leadOf(size)}`;
}

/** @param power that is small enough for its zeros to be written. */
export function plain(digits: string, power: number): string {
  if (power >= 0) return digits + '0'.repeat(power);
  const padded = digits.padStart(1 - power, '0');
  return `${padded.slice(0, power)}.${padded.slice(power)}`;
}
