/**
 * Decimal numbers as JSON writes them, compared exactly: never through a binary float. A number may have millions of digits, and
 * so may its exponent: all here takes time linear in them, so nothing is a `BigInt`, and no pattern looks for zeros at the end.
 */

const [ZERO, NINE] = [48, 57];
/** Digits that a JavaScript number holds exactly, with room for a carry. */
const SAFE = 15;

/**
 * The one spelling of a number's decimal value: sign, digits without zeros at either end, `e` and exponent, or `0`.
 * So 1, 1.0, 10e-1 and 0.1E+1 are all `1e0`, and -0 is `0`: neither store keeps more than the value. Digits are never
 * rounded, however many, and the exponent has no bounds.
 * @param number as RFC 8259 section 6 writes it. Returns null for anything else.
 */
export function canonicalDecimal(number: string): string | null {
  const parts = partsOf(number);
  if (parts === null) return null;
  const { sign, whole, fraction, exponent } = parts;
  const digits = whole + fraction;
  const from = zerosEnd(digits);
  if (from === digits.length) return '0';
  let to = digits.length;
  while (digits.charCodeAt(to - 1) === ZERO) to--;
  const power = sum(exponent, digits.length - to - fraction.length);
  return `${sign}${digits.slice(from, to)}e${power}`;
}

interface Parts {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
  /** Digits, after a sign or none. */
  readonly exponent: string;
}

/** Null for what is no number. */
function partsOf(number: string): Parts | null {
  const sign = number.startsWith('-') ? '-' : '';
  const wholeEnd = digitsEnd(number, sign.length);
  const whole = number.slice(sign.length, wholeEnd);
  if (whole === '' || (whole.length > 1 && whole.startsWith('0'))) return null;
  let [at, fraction, exponent] = [wholeEnd, '', '0'];
  if (number[at] === '.') {
    const end = digitsEnd(number, at + 1);
    fraction = number.slice(at + 1, end);
    if (fraction === '') return null;
    at = end;
  }
  if (number[at] === 'e' || number[at] === 'E') {
    const signed = number[at + 1] === '-' || number[at + 1] === '+' ? 1 : 0;
    const end = digitsEnd(number, at + 1 + signed);
    exponent = number.slice(at + 1, end);
    if (exponent.length === signed) return null;
    at = end;
  }
  return at === number.length ? { sign, whole, fraction, exponent } : null;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < ZERO || unit > NINE) break;
  }
  return at;
}

/** The place of the first digit that is no zero, or the end. */
function zerosEnd(digits: string): number {
  let at = 0;
  while (at < digits.length && digits.charCodeAt(at) === ZERO) at++;
  return at;
}

/** The sum, as a decimal. @param number a decimal integer of any length @param change an integer of fewer than 15 digits */
function sum(number: string, change: number): string {
  const unsigned = number.replace(/^[+-]/, '');
  const size = unsigned.slice(zerosEnd(unsigned));
  const negative = number.startsWith('-');
  if (size.length <= SAFE) return String((negative ? -1 : 1) * Number(size) + change);
  // It has more digits than the change, so its sign stays.
  return `${negative ? '-' : ''}${grown(size, negative ? -change : change)}`;
}

/** The sum of a decimal above every `change`, and `change`: its last digits, and what they carry to those before. */
function grown(size: string, change: number): string {
  const [high, low] = [size.slice(0, -SAFE), Number(size.slice(-SAFE)) + change];
  const limit = 10 ** SAFE;
  if (low >= limit) return stepped(high, 1) + padded(low - limit);
  if (low >= 0) return high + padded(low);
  const all = stepped(high, -1) + padded(low + limit);
  return all.slice(zerosEnd(all));
}

function padded(low: number): string {
  return String(low).padStart(SAFE, '0');
}

/** The decimal one above, or one below: never below 0. */
function stepped(digits: string, by: 1 | -1): string {
  const [over, instead] = by === 1 ? [NINE, '0'] : [ZERO, '9'];
  let at = digits.length - 1;
  while (digits.charCodeAt(at) === over) at--;
  const changed = at < 0 ? '1' : digits.slice(0, at) + (Number(digits[at]) + by);
  return changed + instead.repeat(digits.length - 1 - at);
}
