/** As much of DER (ITU-T X.690) as a certificate takes. */

/** A value with its tag and length in front. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value]);
  const hex = value.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, value]);
}

export const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts);
export const octets = (value: Uint8Array) => tagged(0x04, value);
export const utf8 = (text: string) => tagged(0x0c, Buffer.from(text));
export const boolean = (value: boolean) => tagged(0x01, Buffer.from([value ? 0xff : 0]));
/** A positive number, given as its bytes. */
export const integer = (bytes: Uint8Array) =>
  tagged(0x02, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), bytes);
/** Whole bytes, none of whose bits is left over. */
export const bits = (value: Uint8Array) => tagged(0x03, Buffer.from([0]), value);
/** Bits whose last ones are unused: so many. */
export const flags = (value: number, unused: number) => tagged(0x03, Buffer.from([unused, value]));
/** What the structure numbers in square brackets, with a structure inside. */
export const context = (number: number, ...parts: readonly Uint8Array[]) => tagged(0xa0 | number, ...parts);
/** The same of a plain value. */
export const contextPlain = (number: number, value: Uint8Array) => tagged(0x80 | number, value);

/** An object identifier, as `2.5.4.3`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f));
  return digits;
}

/** The time, in milliseconds since the epoch, to the second. */
export function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(text));
}
