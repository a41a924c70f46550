/** Frames of the memcached binary protocol: 24 bytes of header, then framing extras, extras, key and value. */
import { MAGIC, type Status } from './wire.ts';

export interface Request {
  readonly opcode: number;
  readonly vbucket: number;
  readonly datatype: number;
  readonly opaque: number;
  readonly cas: bigint;
  readonly framing: FramingExtras;
  readonly extras: Buffer;
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface FramingExtras {
  readonly preserveExpiry: boolean;
  /** The requirement as it was sent: level, and perhaps a timeout. */
  readonly durability: Buffer | null;
}

export interface Response {
  readonly status: Status;
  readonly cas?: bigint;
  readonly extras?: Buffer;
  readonly value?: Buffer;
  readonly datatype?: number;
}

const HEADER = 24;
/** A 20 MiB value, the largest extras and key, and attributes. */
const LARGEST = 22 * 1024 * 1024;

/** Bytes that are no frame: the connection cannot go on. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

/** Cuts a stream of bytes into requests. Feed it chunks as they come; throws `BadFrame`. */
export class FrameReader {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes to wait for before looking again, so that a large frame is put together once and not at every chunk. */
  #wanted = HEADER;

  *read(chunk: Buffer): Generator<Request> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#wanted) {
      const pending = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const size = frameSize(pending);
      const complete = pending.length >= size;
      this.#keep(complete ? pending.subarray(size) : pending);
      this.#wanted = complete ? HEADER : size;
      if (complete) yield parse(pending.subarray(0, size));
    }
  }

  #keep(rest: Buffer): void {
    this.#chunks.length = 0;
    this.#length = rest.length;
    if (rest.length > 0) this.#chunks.push(rest);
  }
}

function frameSize(header: Buffer): number {
  const magic = header[0];
  if (magic !== MAGIC.request && magic !== MAGIC.framedRequest)
    throw new BadFrame(`A frame begins with 0x80 or 0x08, and not with 0x${magic?.toString(16)}`);
  const body = header.readUInt32BE(8);
  if (body > LARGEST) throw new BadFrame(`A body of ${body} bytes is above the limit of ${LARGEST}`);
  return HEADER + body;
}

function parse(frame: Buffer): Request {
  const framed = frame[0] === MAGIC.framedRequest;
  const framingLength = framed ? frame.readUInt8(2) : 0;
  const keyLength = framed ? frame.readUInt8(3) : frame.readUInt16BE(2);
  const extrasLength = frame.readUInt8(4);
  const extrasAt = HEADER + framingLength;
  const keyAt = extrasAt + extrasLength;
  const valueAt = keyAt + keyLength;
  if (valueAt > frame.length)
    throw new BadFrame('Extras and key are longer than the body that should hold them');
  return {
    opcode: frame.readUInt8(1),
    datatype: frame.readUInt8(5),
    vbucket: frame.readUInt16BE(6),
    opaque: frame.readUInt32BE(12),
    cas: frame.readBigUInt64BE(16),
    framing: parseFraming(frame.subarray(HEADER, extrasAt)),
    extras: frame.subarray(extrasAt, keyAt),
    key: frame.subarray(keyAt, valueAt),
    value: frame.subarray(valueAt),
  };
}

/** Each extra: 4 bits of id, 4 bits of length (15: one byte more in the next), then its bytes. */
function parseFraming(bytes: Buffer): FramingExtras {
  let preserveExpiry = false;
  let durability: Buffer | null = null;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at++] as number;
    const escaped = (nibble: number) => (nibble === 15 ? 15 + (bytes[at++] ?? 0) : nibble);
    const id = escaped(byte >> 4);
    const length = escaped(byte & 15);
    if (id === 5) preserveExpiry = true;
    if (id === 1) durability = bytes.subarray(at, at + length);
    at += length;
    if (at > bytes.length) throw new BadFrame('A framing extra is longer than the framing extras');
  }
  return { preserveExpiry, durability };
}

const NOTHING = Buffer.alloc(0);

export function encodeResponse(request: Request, response: Response): Buffer {
  const { extras = NOTHING, value = NOTHING } = response;
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(MAGIC.response, 0);
  header.writeUInt8(request.opcode, 1);
  header.writeUInt8(extras.length, 4);
  header.writeUInt8(response.datatype ?? 0, 5);
  header.writeUInt16BE(response.status, 6);
  header.writeUInt32BE(extras.length + value.length, 8);
  header.writeUInt32BE(request.opaque, 12);
  header.writeBigUInt64BE(response.cas ?? 0n, 16);
  return Buffer.concat([header, extras, value]);
}
