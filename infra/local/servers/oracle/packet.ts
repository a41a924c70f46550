/** TNS packets: 8 bytes of header (length, type), then what the type says. */
import { PACKET } from './wire.ts';

export interface Packet {
  readonly type: number;
  /** All of it after the header. */
  readonly body: Buffer;
}

export const HEADER = 8;
/** The largest session data unit of the protocol. */
export const LARGEST_UNIT = 2 * 1024 * 1024;

/** Bytes that are no packet: the connection cannot go on. */
export class BadPacket extends Error {
  override readonly name = 'BadPacket';
}

/** Cuts a stream of bytes into packets. Feed it chunks as they come; throws `BadPacket`. */
export class PacketReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes to wait for before looking again, so that a large packet is put together once and not at every chunk. */
  #wanted = HEADER;
  /** From ACCEPT on, lengths have 4 bytes and not 2. */
  largeLengths = false;

  *read(chunk: Buffer): Generator<Packet> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#wanted) {
      const pending = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const size = this.#size(pending);
      const complete = pending.length >= size;
      this.#keep(complete ? pending.subarray(size) : pending);
      this.#wanted = complete ? HEADER : size;
      if (complete) yield { type: pending.readUInt8(4), body: pending.subarray(HEADER, size) };
    }
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
  }

  #size(header: Buffer): number {
    const size = this.largeLengths ? header.readUInt32BE(0) : header.readUInt16BE(0);
    if (size < HEADER || size > LARGEST_UNIT + HEADER)
      throw new BadPacket(`A packet cannot have ${size} bytes`);
    // Else the rest of what looks like a packet would be waited for.
    if (!this.largeLengths && header.readUInt16BE(0) === TLS_HANDSHAKE)
      throw new BadPacket('The client speaks TLS');
    if (header.readUInt8(4) > HIGHEST_TYPE)
      throw new BadPacket(`There is no packet of type ${header.readUInt8(4)}`);
    return size;
  }
}

const HIGHEST_TYPE = 14;
/** The first bytes of a client of TLS: a record with a handshake, of SSL 3 or later. (RFC 8446, 5.1.) */
const TLS_HANDSHAKE = 0x1603;

export function packet(type: number, body: Buffer, largeLengths: boolean): Buffer {
  const header = Buffer.alloc(HEADER);
  const size = HEADER + body.length;
  if (largeLengths) header.writeUInt32BE(size, 0);
  else header.writeUInt16BE(size, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, body]);
}

/** A message as data packets of at most `unit` bytes each. */
export function dataPackets(message: Buffer, unit: number): Buffer {
  const room = unit - HEADER - 2;
  const packets: Buffer[] = [];
  for (let at = 0; at === 0 || at < message.length; at += room)
    packets.push(
      packet(PACKET.data, Buffer.concat([Buffer.alloc(2), message.subarray(at, at + room)]), true),
    );
  return Buffer.concat(packets);
}
