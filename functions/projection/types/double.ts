/**
 * BINARY_DOUBLE. A document's decimal fits where it is what its nearest double is spelt as, so that each number fits that a program has written from a double; or
 * where it equals that double, digit by digit.
 */
import { canonicalDecimal } from '../../protocol/decimal.ts';
import type { Json } from '../../protocol/json.ts';
import { type Fitted, fits, misfit } from './fitted.ts';
import { kindOf } from './kind_of.ts';
import { decimalIn } from './number.ts';

/** Below it SQL promises no double. (Oracle Database SQL Language Reference, "Floating-Point Numbers".) */
const LEAST = 2 ** -1022;
const [EXPONENT_BITS, FRACTION_BITS, BIAS] = [11n, 52n, 1075];

export function fittedDouble(json: Json): Fitted {
  const decimal = decimalIn(json);
  if (decimal === null) return misfit(`there is ${kindOf(json)}, not a number,`);
  const number = Number(decimal);
  if (!Number.isFinite(number)) return misfit('there is a number above the range of doubles');
  if (Math.abs(number) < LEAST)
    return decimal === '0' ? fits('0') : misfit('there is a number below the range of doubles', () => '0');
  const spelling = String(number);
  if (canonicalDecimal(spelling) === decimal || exactly(number) === decimal) return fits(spelling);
  return misfit(
    `there is a number of ${decimal.indexOf('e') - (number < 0 ? 1 : 0)} digits, which no double holds,`,
    () => spelling,
  );
}

/** All digits of a double, in canonical spelling. @param number that is finite, and not below `LEAST`. */
function exactly(number: number): string | null {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(number));
  const all = bits.getBigUint64(0);
  const power = Number((all >> FRACTION_BITS) & ((1n << EXPONENT_BITS) - 1n)) - BIAS;
  const fraction = (all & ((1n << FRACTION_BITS) - 1n)) | (1n << FRACTION_BITS);
  const digits = power >= 0 ? `${fraction << BigInt(power)}` : `${fraction * 5n ** BigInt(-power)}e${power}`;
  return canonicalDecimal(`${number < 0 ? '-' : ''}${digits}`);
}
