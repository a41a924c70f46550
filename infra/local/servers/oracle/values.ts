/** Values on the wire, by type: binds that come in, columns that go out. */
import type { Field, Value } from './engine.ts';
import { OID } from './engine.ts';
import { decodeDouble, decodeNumber, encodeDouble, encodeNumber } from './number.ts';
import { OraError } from './ora.ts';
import type { Reader } from './reader.ts';
import { fromEngine, toEngine } from './sql/text.ts';
import { LONGEST_STRING, TYPE } from './wire.ts';
import type { Writer } from './writer.ts';

/** How a client describes a bind variable, or a column that it wants in a type of its choice. */
export interface BindType {
  readonly type: number;
  readonly maxSize: number;
}

export function readBindType(reader: Reader): BindType {
  const type = reader.u8();
  reader.take(3);
  const maxSize = reader.ub();
  reader.skipUb(2);
  if (reader.ub() > 0) throw new OraError(3115, 'unsupported network datatype: objects');
  reader.skipUb(2);
  reader.u8();
  reader.skipUb(2);
  return { type, maxSize };
}

/** PostgreSQL's type for a bind variable; null for text. */
export function castOf({ type }: BindType): 'numeric' | 'float8' | 'bytea' | 'timestamp' | null {
  switch (type) {
    case TYPE.varchar:
    case TYPE.char:
    case TYPE.long:
      return null;
    case TYPE.number:
    case TYPE.binaryInteger:
      return 'numeric';
    case TYPE.binaryDouble:
      return 'float8';
    case TYPE.raw:
    case TYPE.longRaw:
      return 'bytea';
    case TYPE.date:
    case TYPE.timestamp:
    case TYPE.timestampTz:
    case TYPE.timestampLtz:
      return 'timestamp';
    default:
      throw new OraError(3115, `unsupported network datatype ${type}`);
  }
}

/** One row of binds, in the order of their places; what may be long comes after the others. */
export function readRow(reader: Reader, types: readonly BindType[]): Value[] {
  const row: Value[] = types.map(() => null);
  const long = (type: BindType | undefined) => (type?.maxSize ?? 0) > LONGEST_STRING;
  for (const late of [false, true])
    for (const [place, type] of types.entries())
      if (long(type) === late) row[place] = readValue(reader, type);
  return row;
}

function readValue(reader: Reader, { type }: BindType): Value {
  const bytes = reader.bytes();
  if (bytes === null) return null;
  switch (castOf({ type, maxSize: 0 })) {
    case null:
      return toEngine(bytes.toString('utf8'));
    case 'numeric':
      return decodeNumber(bytes);
    case 'float8':
      return decodeDouble(bytes);
    case 'timestamp':
      return timestampOf(bytes);
    default:
      return Buffer.from(bytes);
  }
}

/** Century and year are 100 too high, hours, minutes and seconds 1; then nanoseconds, then a zone that we leave at UTC. */
function timestampOf(bytes: Buffer): string {
  const [century = 100, year = 100, month = 1, day = 1, hour = 1, minute = 1, second = 1] = bytes;
  const nanoseconds = bytes.length >= 11 ? bytes.readUInt32BE(7) : 0;
  const two = (n: number) => `${n}`.padStart(2, '0');
  const date = `${two(century - 100)}${two(year - 100)}-${two(month)}-${two(day)}`;
  return `${date} ${two(hour - 1)}:${two(minute - 1)}:${two(second - 1)}.${`${nanoseconds}`.padStart(9, '0').slice(0, 6)}`;
}

function timestampBytes(text: string): Buffer {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = text.split(/[-: .]/).map(Number);
  const micros = Number((text.split('.')[1] ?? '').padEnd(6, '0'));
  const fields = [
    Math.floor(year / 100) + 100,
    (year % 100) + 100,
    month,
    day,
    hour + 1,
    minute + 1,
    second + 1,
  ];
  const bytes = Buffer.alloc(11);
  bytes.set(fields);
  bytes.writeUInt32BE(micros * 1000, 7);
  return bytes;
}

/** Oracle's type for a column of a result. */
export function columnOf({ type }: Field): BindType {
  switch (type) {
    case OID.numeric:
    case OID.int4:
    case OID.int8:
      return { type: TYPE.number, maxSize: 22 };
    case OID.float8:
      return { type: TYPE.binaryDouble, maxSize: 8 };
    case OID.bytea:
      return { type: TYPE.blob, maxSize: 4000 };
    case OID.timestamp:
      return { type: TYPE.timestamp, maxSize: 11 };
    default:
      return { type: TYPE.varchar, maxSize: LONGEST_STRING };
  }
}

/** @param type the column's own, or the one that the client has asked for instead. */
export function writeColumn(writer: Writer, { type, maxSize }: BindType, value: Value): void {
  writer.bytes(encoded(type, value));
  // An indicator and a return code follow where a value may be long. JDBC asks for LONG RAW as a RAW that is too large for one.
  const long = type === TYPE.long || type === TYPE.longRaw || (type === TYPE.raw && maxSize > LONGEST_STRING);
  if (long) writer.u8(0).u8(0);
}

/** A value that RETURNING gives back: it, and how many bytes of it had no room. */
export function writeReturned(writer: Writer, { type }: BindType, value: Value): void {
  writer.bytes(encoded(type, value)).u8(0);
}

function encoded(type: number, value: Value): Buffer | null {
  if (value === null) return null;
  switch (type) {
    case TYPE.number:
    case TYPE.binaryInteger:
      return encodeNumber(String(value));
    case TYPE.binaryDouble:
      return encodeDouble(String(value));
    case TYPE.timestamp:
    case TYPE.date:
    case TYPE.timestampTz:
    case TYPE.timestampLtz:
      return timestampBytes(String(value));
    case TYPE.varchar:
    case TYPE.char:
    case TYPE.long:
    case TYPE.raw:
    case TYPE.longRaw:
      return typeof value === 'string' ? Buffer.from(fromEngine(value)) : Buffer.from(value);
    default:
      throw new OraError(
        932,
        'inconsistent datatypes: the embedded server gives LOBs as LONG or LONG RAW only',
      );
  }
}
