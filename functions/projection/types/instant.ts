/** Times as documents have them: texts of RFC 3339, and seconds or milliseconds since the epoch. */
import { digitsOf, withoutZeros } from './digits.ts';

export interface Instant {
  /** Whole seconds since the epoch, in UTC. */
  readonly seconds: number;
  /** Digits of the fraction of a second that is added to them, without zeros at the end. */
  readonly fraction: string;
  /** Minutes that its zone is ahead of UTC. */
  readonly offset: number;
}

/** As RFC 3339 has it, and what programs leave out of it: the time, its seconds, its zone, the minutes of the offset or the colon before them. */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)?)?$/;
/** The calendar repeats itself after so many years. Date.UTC takes the years from 0 to 99 for others. */
const [ERA_YEARS, ERA_SECONDS] = [400, 12_622_780_800];
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** Digits before the point of the last second of the year 9999. */
const MOST_DIGITS = 12;
/** Digits of a fraction that are read: more than any column has, so that one digit for the rest does not change how it is rounded. */
const READ = 12;

/** Null for what is no time, a leap second among it, which Oracle has none of. */
export function fromIso(text: string): Instant | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const part = (place: number) => Number(match[place] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const [ahead, aheadMinutes] = [part(9), part(10)];
  const isTime = hour < 24 && minute < 60 && second < 60 && ahead < 24 && aheadMinutes < 60;
  if (!isTime || day < 1 || day > daysIn(year, month)) return null;
  const offset = (match[8] === '-' ? -1 : 1) * (ahead * 60 + aheadMinutes);
  return {
    seconds: startOf(year, month, day) + (hour * 60 + minute - offset) * 60 + second,
    fraction: withoutZeros(match[7] ?? ''),
    // Not -0, which "-00:00" would be.
    offset: offset === 0 ? 0 : offset,
  };
}

/** 0 for no month. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

function startOf(year: number, month: number, day: number): number {
  return Date.UTC(year + ERA_YEARS, month - 1, day) / 1000 - ERA_SECONDS;
}

/** Null for what is above the year 9999. @param decimal in canonical spelling @param unit as a power of ten of seconds */
export function fromEpoch(decimal: string, unit: 0 | -3): Instant | null {
  const number = digitsOf(decimal);
  if (number === null) return { seconds: 0, fraction: '', offset: 0 };
  const { digits, negative } = number;
  const before = digits.length + number.power + unit;
  if (before > MOST_DIGITS) return null;
  // Nothing before the point is 0.
  const whole = Number(digits.slice(0, Math.max(0, before)).padEnd(before, '0'));
  const behind = digits.slice(Math.max(0, before));
  const fraction = shortened('0'.repeat(Math.min(Math.max(0, -before), READ)) + behind);
  if (!negative || fraction === '') return { seconds: negative ? -whole : whole, fraction, offset: 0 };
  const rest = 10 ** fraction.length - Number(fraction);
  return { seconds: -whole - 1, fraction: `${rest}`.padStart(fraction.length, '0'), offset: 0 };
}

/** The last digit is no zero, so what is left out counts as a 1. */
function shortened(fraction: string): string {
  return fraction.length > READ ? `${fraction.slice(0, READ)}1` : fraction;
}
