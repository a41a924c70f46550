/**
 * NUMBER, exactly: 38 significant digits, the first of them between the powers of ten -130 and 125. (Oracle Database SQL Language Reference, "NUMBER Data Type".)
 * Digits never pass through a double.
 */
import { canonicalDecimal } from '../../protocol/decimal.ts';
import { type Json, scalarIn } from '../../protocol/json.ts';
import type { NumberType } from './column_type.ts';
import { type Digits, digitsOf, leadOf, roundedAt, spelt } from './digits.ts';
import { type Fitted, fits, misfit } from './fitted.ts';
import { kindOf } from './kind_of.ts';

const [MOST_DIGITS, LOWEST, HIGHEST] = [38, -130, 125];
/** Of a number's digits: an exponent may ask for any number of them. */
const MOST_COUNTED = 1_000_000;

/** A number, or a text that spells one as JSON would, in canonical spelling; null for anything else. */
export function decimalIn(json: Json): string | null {
  const scalar = scalarIn(json);
  if (scalar?.kind === 'number') return scalar.decimal;
  return scalar?.kind === 'text' ? canonicalDecimal(scalar.text) : null;
}

export function fittedNumber(type: NumberType, json: Json): Fitted {
  const decimal = decimalIn(json);
  if (decimal === null) return misfit(`there is ${kindOf(json)}, not a number,`);
  const number = digitsOf(decimal);
  if (number === null) return fits('0');
  const { highest, finest } = roomFor(type, number);
  if (leadOf(number) > highest) return misfit(problemOf(number));
  if (number.power >= finest) return fits(spelt(number));
  return misfit(problemOf(number), (rule) => {
    const rounded = roundedAt(number, finest, rule);
    if (rounded === null) return spelt(null);
    return leadOf(rounded) > highest ? null : spelt({ ...number, ...rounded });
  });
}

/** The powers of ten that the first digit may have at most, and the last one at least. */
function roomFor({ precision, scale }: NumberType, number: Digits): { highest: number; finest: number } {
  if (precision !== null || scale !== null) {
    const after = scale ?? 0;
    return { highest: (precision ?? MOST_DIGITS) - after - 1, finest: -after };
  }
  const lead = leadOf(number);
  return { highest: HIGHEST, finest: lead < LOWEST ? LOWEST : lead - MOST_DIGITS + 1 };
}

function problemOf(number: Digits): string {
  const [before, after] = [leadOf(number) + 1, -number.power];
  return `there is a number of ${counted(before)} before the point and ${counted(after)} after it`;
}

function counted(digits: number): string {
  return digits > MOST_COUNTED ? `more than ${MOST_COUNTED} digits` : `${Math.max(0, digits)} digits`;
}
