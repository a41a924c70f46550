/**
 * DATE and TIMESTAMP. Oracle has the days from 5 to 14 October 1582 in no calendar, and makes others of them, so no column takes them; offsets go from -12:59 to
 * +14:00. (Oracle Database SQL Language Reference, "Datetime Data Types"; seanstuber.com, "Looking Through Holes in Time".)
 */
import { type Json, scalarIn } from '../../protocol/json.ts';
import type { TimeFormat, TimeType } from './column_type.ts';
import { plain, roundedAt, type Size, withoutZeros } from './digits.ts';
import { type Fitted, fits, misfit } from './fitted.ts';
import { fromEpoch, fromIso, type Instant } from './instant.ts';
import { kindOf } from './kind_of.ts';
import { decimalIn } from './number.ts';
import type { Rounding } from './policy.ts';

/** The first second of the year 1, and the last of the year 9999. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_799];
/** The ten days that are left out, from the first second to the one behind the last. */
const [HOLE, HOLE_END] = [-12_220_156_800, -12_219_292_800];
/** In minutes. */
const [FARTHEST_BEHIND, FARTHEST_AHEAD] = [-779, 840];
/** Even, and makes every second positive: digits are rounded by size. */
const SHIFT = 100_000_000_000;

export function fittedTime(type: TimeType, json: Json): Fitted {
  for (const format of type.formats) {
    const read = instantIn(json, format);
    const instant = read === null || keepsZone(type) ? read : { ...read, offset: 0 };
    if (instant !== null && isHeld(instant)) return fittedInstant(type, instant);
  }
  return misfit(`there is ${kindOf(json)}, not a time as ${type.formats.join(' or ')},`);
}

function instantIn(json: Json, format: TimeFormat): Instant | null {
  if (format === 'iso') {
    const scalar = scalarIn(json);
    return scalar?.kind === 'text' ? fromIso(scalar.text) : null;
  }
  const decimal = decimalIn(json);
  return decimal === null ? null : fromEpoch(decimal, format === 'seconds' ? 0 : -3);
}

function fittedInstant(type: TimeType, instant: Instant): Fitted {
  const digits = digitsOfSecond(type);
  if (instant.fraction.length <= digits) return fits(spelt(type, instant));
  const problem = `there is a time with more than ${digits} digits behind its second`;
  return misfit(problem, (rule) => {
    const rounded = roundedTo(digits, instant, rule);
    return isHeld(rounded) ? spelt(type, rounded) : null;
  });
}

function keepsZone(type: TimeType): boolean {
  return type.kind === 'timestamp' && type.zone;
}

function digitsOfSecond(type: TimeType): number {
  return type.kind === 'date' ? 0 : type.fraction;
}

/** In its own zone, and in UTC, in which Oracle keeps it. */
function isHeld({ seconds, offset }: Instant): boolean {
  const here = seconds + offset * 60;
  const inYears = [seconds, here].every((second) => second >= FIRST && second <= LAST);
  return (
    inYears && !(here >= HOLE && here < HOLE_END) && offset >= FARTHEST_BEHIND && offset <= FARTHEST_AHEAD
  );
}

function roundedTo(places: number, { seconds, fraction, offset }: Instant, rule: Rounding): Instant {
  const exact = { digits: `${seconds + SHIFT}${fraction}`, power: -fraction.length };
  const { digits, power } = roundedAt(exact, -places, rule) as Size;
  const [whole, behind = ''] = plain(digits, power).split('.');
  return { seconds: Number(whole) - SHIFT, fraction: withoutZeros(behind), offset };
}

function spelt(type: TimeType, { seconds, fraction, offset }: Instant): string {
  const second = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const places = digitsOfSecond(type);
  const behind = places === 0 ? '' : `.${fraction.padEnd(places, '0')}`;
  return `${second}${behind}${keepsZone(type) ? ` ${zoneText(offset)}` : ''}`;
}

function zoneText(offset: number): string {
  const minutes = Math.abs(offset);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${offset < 0 ? '-' : '+'}${`${hour}`.padStart(2, '0')}:${`${minute}`.padStart(2, '0')}`;
}
