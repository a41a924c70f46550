/**
 * Oracle's NUMBER: a byte of sign and exponent, then base-100 digits, the most significant first (Oracle Call Interface
 * Programmer's Guide, "Internal Data Types"). Numbers are decimal text here: no float could hold 38 digits.
 */

const [ZERO, BIAS, NEGATIVE_END] = [0x80, 193, 102];
/** Base-100 digits that a number may have. */
const MOST_PAIRS = 20;

export function encodeNumber(decimal: string): Buffer {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(decimal) ?? [];
  const digits = whole + fraction;
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return Buffer.from([ZERO]);
  let point = whole.length - (digits.length - significant.length);
  let aligned = significant.replace(/0+$/, '');
  if (point % 2 !== 0) {
    aligned = `0${aligned}`;
    point++;
  }
  if (aligned.length % 2 !== 0) aligned += '0';
  const pairs = (aligned.match(/../g) ?? []).slice(0, MOST_PAIRS).map(Number);
  const head = BIAS + point / 2 - 1;
  if (sign === '') return Buffer.from([head, ...pairs.map((pair) => pair + 1)]);
  const end = pairs.length < MOST_PAIRS ? [NEGATIVE_END] : [];
  return Buffer.from([~head & 0xff, ...pairs.map((pair) => 101 - pair), ...end]);
}

export function decodeNumber(bytes: Buffer): string {
  const head = bytes[0] ?? ZERO;
  if (head === ZERO) return '0';
  const positive = head > ZERO;
  const body = bytes.subarray(1, !positive && bytes.at(-1) === NEGATIVE_END ? -1 : undefined);
  const digits = [...body].map((byte) => `${positive ? byte - 1 : 101 - byte}`.padStart(2, '0')).join('');
  const point = ((positive ? head : ~head & 0xff) - BIAS + 1) * 2;
  const whole = digits.slice(0, Math.max(0, point)).padEnd(point, '0').replace(/^0+/, '');
  const fraction = `${'0'.repeat(Math.max(0, -point))}${digits.slice(Math.max(0, point))}`.replace(/0+$/, '');
  return `${positive ? '' : '-'}${whole || '0'}${fraction && `.${fraction}`}`;
}

/** BINARY_DOUBLE: the bits of the double, turned so that bytes sort as the numbers do (node-oracledb, lib/impl/datahandlers/buffer.js). */
export function encodeDouble(text: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number(text));
  return turned(bytes, (bytes[0] ?? 0) < 0x80);
}

export function decodeDouble(bytes: Buffer): string {
  return String(turned(Buffer.from(bytes), (bytes[0] ?? 0) >= 0x80).readDoubleBE());
}

/** Of a number that is not negative the sign's bit, of any other all of them. */
function turned(bytes: Buffer, positive: boolean): Buffer {
  for (const [at, byte] of bytes.entries())
    bytes[at] = positive ? (at === 0 ? byte ^ 0x80 : byte) : ~byte & 0xff;
  return bytes;
}
