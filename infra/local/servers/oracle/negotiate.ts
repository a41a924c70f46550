/** What is said before anybody logs in: the transport's terms, the server's abilities, the types it knows. */
import type { Packet } from './packet.ts';
import { LARGEST_UNIT, packet } from './packet.ts';
import { BadMessage, type Reader } from './reader.ts';
import { BANNER, CHARSET, MESSAGE, PACKET, VERSION } from './wire.ts';
import { Writer } from './writer.ts';

export interface Connect {
  /** The connect descriptor, empty if it comes in a data packet of its own. */
  readonly descriptor: string;
  readonly descriptorFollows: boolean;
  /** Largest packet that both sides may send. */
  readonly unit: number;
}

/** No network encryption or the like. */
const NO_SERVICES = 0x08;
const SMALLEST_UNIT = 512;

export function readConnect({ body }: Packet): Connect {
  if (body.length < 66 || body.readUInt16BE(0) < VERSION.minimum)
    throw new BadMessage('The client is too old: Oracle Net 12 or later is wanted');
  const [length, at] = [body.readUInt16BE(16), body.readUInt16BE(18) - 8];
  const descriptor = body.toString('latin1', at, at + length);
  const unit = Math.min(LARGEST_UNIT, Math.max(SMALLEST_UNIT, body.readUInt32BE(50)));
  return { descriptor, descriptorFollows: length > 0 && descriptor === '', unit };
}

export function serviceName(descriptor: string): string {
  return /\(\s*SERVICE_NAME\s*=\s*([^()\s]+)\s*\)/i.exec(descriptor)?.[1] ?? '';
}

export function accept(unit: number): Buffer {
  const body = Buffer.alloc(37);
  body.writeUInt16BE(VERSION.tns, 0);
  body.writeUInt16BE(Math.min(unit, 0xffff), 4);
  body.writeUInt16BE(0xffff, 6);
  body.writeUInt16BE(1, 8);
  body.writeUInt16BE(body.length + 8, 12);
  body.writeUInt8(NO_SERVICES, 14);
  body.writeUInt8(NO_SERVICES, 15);
  body.writeUInt32BE(unit, 24);
  body.writeUInt32BE(LARGEST_UNIT, 28);
  return packet(PACKET.accept, body, false);
}

/** @param error number of the listener's complaint, as 12514 for an unknown service. */
export function refuse(error: number): Buffer {
  const text = `(DESCRIPTION=(TMP=)(VSNNUM=${VERSION.number})(ERR=${error})(ERROR_STACK=(ERROR=(CODE=${error})(EMFI=4))))`;
  const body = Buffer.alloc(4 + text.length);
  body.writeUInt16BE(text.length, 2);
  body.write(text, 4, 'latin1');
  return packet(PACKET.refuse, body, false);
}

/** The client names the protocols that it speaks, and itself. */
export function protocol(reader: Reader): Buffer {
  reader.terminated();
  reader.terminated();
  const compileCaps = Buffer.alloc(53);
  // Logins with verifiers that PBKDF2 has made.
  compileCaps[4] = 0x2a;
  compileCaps[7] = VERSION.field;
  // Calls end with a status and a sequence number; types are numbered with two bytes, chunks with up to four.
  compileCaps.set([0x01, 0x01], 15);
  compileCaps[27] = 1;
  compileCaps[37] = 0x20;
  // Strings of 32,767 bytes; time zones in the negotiation of types.
  const runtimeCaps = Buffer.from([2, 1, 0, 0, 0, 0, 4]);
  const fdo = Buffer.alloc(11);
  fdo.writeUInt16BE(CHARSET.utf16, 9);
  return new Writer()
    .u8(MESSAGE.protocol)
    .u8(6)
    .u8(0)
    .raw(Buffer.from(`${BANNER}\0`))
    .u16le(CHARSET.utf8)
    .u8(1)
    .u16le(0)
    .u16(fdo.length)
    .raw(fdo)
    .bytes(compileCaps)
    .bytes(runtimeCaps)
    .end();
}

/** The client lists the types that it knows; every one of them is fine. The zone of the database is UTC. */
export function dataTypes(reader: Reader): Buffer {
  reader.take(5);
  const compile = reader.bytes();
  const zoned = reader.bytes()?.[1] === 1;
  const zoneVersioned = zoned && ((compile?.[37] ?? 0) & 0x02) !== 0;
  reader.take((zoned ? 11 : 0) + (zoneVersioned ? 4 : 0));
  for (let type = reader.u16(); type !== 0; type = reader.u16()) if (reader.u16() !== 0) reader.take(4);
  const zone = Buffer.from([0x80, 0, 0, 0, 60, 60, 0x80, 0, 0, 0, 0]);
  const writer = new Writer().u8(MESSAGE.dataTypes);
  if (zoned) writer.raw(zone);
  if (zoneVersioned) writer.raw(Buffer.alloc(4));
  return writer.u16(0).end();
}
