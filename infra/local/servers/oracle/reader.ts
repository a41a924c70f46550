/** Reads TTC's primitives: integers of variable length, and bytes with their length in front. */

/** The message ends too early: more packets may bring the rest. */
export class Incomplete extends Error {
  override readonly name = 'Incomplete';
}

/** What no client would send. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
}

const [CHUNKED, NULL] = [254, 255];
/** Rows of a batch are the longest that clients send. */
const LONGEST_LIST = 1_000_000;

export class Reader {
  readonly #bytes: Buffer;
  /** Whether the client is one that writes texts without their lengths where those were told before: JDBC. */
  readonly plain: boolean;
  #at = 0;

  constructor(bytes: Buffer, plain = false) {
    this.#bytes = bytes;
    this.plain = plain;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    return this.take(1).readUInt8();
  }

  /** The next byte, which stays the next one. */
  peek(): number {
    const byte = this.u8();
    this.#at--;
    return byte;
  }

  u16(): number {
    return this.take(2).readUInt16BE();
  }

  take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new Incomplete();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** An unsigned integer: its size in bytes, then that many. */
  ub(): number {
    const size = this.u8();
    if (size > 8) throw new BadMessage(`An integer cannot have ${size} bytes`);
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Reads and forgets unsigned integers. */
  skipUb(count = 1): void {
    for (let i = 0; i < count; i++) this.ub();
  }

  /** So many of something. */
  list<T>(count: number, read: () => T): T[] {
    if (count > LONGEST_LIST) throw new BadMessage(`A list cannot have ${count} entries`);
    return Array.from({ length: count }, read);
  }

  /** Bytes with their length; null for none, which Oracle cannot tell from empty. */
  bytes(): Buffer | null {
    const length = this.u8();
    if (length === 0 || length === NULL) return null;
    if (length !== CHUNKED) return this.take(length);
    const chunks: Buffer[] = [];
    for (let size = this.ub(); size > 0; size = this.ub()) chunks.push(this.take(size));
    return Buffer.concat(chunks);
  }

  text(): string {
    return this.bytes()?.toString('utf8') ?? '';
  }

  /** Up to a zero byte. */
  terminated(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new Incomplete();
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }
}
