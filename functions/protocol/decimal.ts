/** Decimal numbers as JSON writes them, compared exactly: never through a binary float. */

const PARTS = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The one spelling of a number's decimal value: sign, digits without zeros at either end, `e` and exponent, or `0`.
 * So 1, 1.0, 10e-1 and 0.1E+1 are all `1e0`, and -0 is `0`: neither store keeps more than the value. Digits are never
 * rounded, however many, and the exponent has no bounds.
 * @param number as RFC 8259 section 6 writes it. Returns null for anything else.
 */
export function canonicalDecimal(number: string): string | null {
  const parts = PARTS.exec(number);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
