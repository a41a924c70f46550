/** Writes TTC's primitives; see `Reader`. */

const CHUNKED = 254;
const LONGEST_PLAIN = 252;
/** JDBC has no room for more. */
const CHUNK = 32 * 1024;

export class Writer {
  /** Number of the call that is answered, as its client counts: JDBC wants to be told. */
  readonly call: number;
  readonly #parts: Buffer[] = [];
  #small: number[] = [];

  constructor(call = 0) {
    this.call = call;
  }

  u8(value: number): this {
    this.#small.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    this.#small.push((value >> 8) & 0xff, value & 0xff);
    return this;
  }

  u16le(value: number): this {
    this.#small.push(value & 0xff, (value >> 8) & 0xff);
    return this;
  }

  raw(bytes: Buffer): this {
    if (bytes.length <= LONGEST_PLAIN) for (const byte of bytes) this.#small.push(byte);
    else {
      this.#flush();
      this.#parts.push(bytes);
    }
    return this;
  }

  /** Unsigned integers, each with its size. */
  ub(...values: readonly number[]): this {
    for (const value of values) {
      const hex = value === 0 ? '' : value.toString(16);
      const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
      this.#small.push(bytes.length, ...bytes);
    }
    return this;
  }

  /** Bytes with their length; null and empty are the same. */
  bytes(bytes: Buffer | null): this {
    if (bytes === null || bytes.length === 0) return this.u8(0);
    if (bytes.length <= LONGEST_PLAIN) return this.u8(bytes.length).raw(bytes);
    this.u8(CHUNKED);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK);
      this.ub(chunk.length).raw(chunk);
    }
    return this.ub(0);
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text));
  }

  /** A length of its own, then, if there is any, the text with its length once more. */
  lengthAndText(text: string): this {
    const bytes = Buffer.from(text);
    this.ub(bytes.length);
    return bytes.length > 0 ? this.bytes(bytes) : this;
  }

  end(): Buffer {
    this.#flush();
    return Buffer.concat(this.#parts);
  }

  #flush(): void {
    if (this.#small.length > 0) this.#parts.push(Buffer.from(this.#small));
    this.#small = [];
  }
}
