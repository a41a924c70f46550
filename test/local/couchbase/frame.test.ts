import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BadFrame, FrameReader, type Request } from '../../../infra/local/servers/couchbase/frame.ts';

const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
const anyFrame = fc
  .record({
    framed: fc.boolean(),
    opcode: fc.nat(255),
    opaque: fc.nat(),
    cas: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    extras: anyBytes(20),
    key: anyBytes(200),
    value: anyBytes(300),
  })
  .map((parts) => ({ ...parts, bytes: frameOf(parts) }));

interface Parts {
  readonly framed: boolean;
  readonly opcode: number;
  readonly opaque: number;
  readonly cas: bigint;
  readonly extras: Buffer;
  readonly key: Buffer;
  readonly value: Buffer;
}

/** With framing extras: durability level 1, preserve expiry. */
function frameOf({ framed, opcode, opaque, cas, extras, key, value }: Parts): Buffer {
  const framing = framed ? Buffer.from([0x11, 0x01, 0x50]) : Buffer.alloc(0);
  const header = Buffer.alloc(24);
  header.writeUInt8(framed ? 0x08 : 0x80, 0);
  header.writeUInt8(opcode, 1);
  if (framed) header.writeUInt16BE(framing.length * 256 + key.length, 2);
  else header.writeUInt16BE(key.length, 2);
  header.writeUInt8(extras.length, 4);
  header.writeUInt32BE(framing.length + extras.length + key.length + value.length, 8);
  header.writeUInt32BE(opaque, 12);
  header.writeBigUInt64BE(cas, 16);
  return Buffer.concat([header, framing, extras, key, value]);
}

/** The stream cut at the given places. */
function* chunks(stream: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  for (const [i, from] of places.slice(0, -1).entries()) yield stream.subarray(from, places[i + 1]);
}

test('frames come out whole and in order, wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (frames, cuts) => {
        const reader = new FrameReader();
        const read: Request[] = [];
        const stream = Buffer.concat(frames.map(({ bytes }) => bytes));
        for (const chunk of chunks(stream, cuts)) read.push(...reader.read(Buffer.from(chunk)));
        assert.equal(read.length, frames.length);
        for (const [i, { opcode, opaque, cas, extras, key, value, framed }] of frames.entries()) {
          const { framing, ...rest } = read[i] as Request;
          assert.deepEqual(rest, { opcode, opaque, cas, extras, key, value, vbucket: 0, datatype: 0 });
          assert.deepEqual(framing, { preserveExpiry: framed, durability: framed ? Buffer.from([1]) : null });
        }
      },
    ),
  );
});

test('whatever bytes come, a frame comes out or the stream is refused, and nothing else happens', () => {
  const anyMagic = fc.constantFrom(0x80, 0x08, 0x81, 0);
  const anyHeader = fc
    .tuple(anyMagic, anyBytes(80))
    .map(([magic, rest]) => Buffer.concat([Buffer.from([magic]), rest]));
  fc.assert(
    fc.property(anyHeader, (bytes) => {
      try {
        for (const request of new FrameReader().read(bytes)) assert.ok(request.value.length <= bytes.length);
      } catch (error) {
        assert.ok(error instanceof BadFrame, String(error));
      }
    }),
    { numRuns: 20_000 },
  );
});
