import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Accounts } from '../../../infra/local/servers/oracle/accounts.ts';
import { Calls } from '../../../infra/local/servers/oracle/calls.ts';
import type { EngineSession } from '../../../infra/local/servers/oracle/engine.ts';
import { OraError } from '../../../infra/local/servers/oracle/ora.ts';
import { BadPacket, type Packet, PacketReader, packet } from '../../../infra/local/servers/oracle/packet.ts';
import { BadMessage, Incomplete, Reader } from '../../../infra/local/servers/oracle/reader.ts';
import { Session } from '../../../infra/local/servers/oracle/session.ts';
import { translate } from '../../../infra/local/servers/oracle/sql/translate.ts';
import { FUNCTION, MESSAGE } from '../../../infra/local/servers/oracle/wire.ts';
import { Writer } from '../../../infra/local/servers/oracle/writer.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

test('packets come out whole and in order, wherever the stream is cut', () => {
  const anyPacket = fc.record({ type: fc.nat(14), body: bytes(60) });
  const property = fc.property(
    fc.array(anyPacket, { maxLength: 6 }),
    fc.array(fc.nat(), { maxLength: 9 }),
    fc.boolean(),
    (packets, cuts, large) => {
      const stream = Buffer.concat(packets.map(({ type, body }) => packet(type, body, large)));
      const reader = new PacketReader();
      reader.largeLengths = large;
      const places = [
        0,
        ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b),
        stream.length,
      ];
      const read: Packet[] = [];
      for (const [i, from] of places.slice(0, -1).entries())
        read.push(...reader.read(Buffer.from(stream.subarray(from, places[i + 1]))));
      assert.equal(read.length, packets.length);
      for (const [i, { type, body }] of packets.entries()) assert.deepEqual(read[i], { type, body });
    },
  );
  fc.assert(property);
});

test('whatever bytes come, a packet comes out or the stream is refused', () => {
  fc.assert(
    fc.property(bytes(60), fc.boolean(), (stream, large) => {
      const reader = new PacketReader();
      reader.largeLengths = large;
      try {
        for (const { body } of reader.read(stream)) assert.ok(body.length <= stream.length);
      } catch (error) {
        assert.ok(error instanceof BadPacket, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});

test('integers and bytes are read as they were written', () => {
  const anyInteger = fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(anyInteger), bytes(700), fc.nat(3), (integers, content, times) => {
      const long = Buffer.concat(Array.from({ length: 10 ** times }, () => content));
      const written = new Writer()
        .ub(...integers)
        .bytes(long)
        .text('é')
        .end();
      const reader = new Reader(written);
      for (const integer of integers) assert.equal(reader.ub(), integer);
      assert.deepEqual(reader.bytes(), long.length === 0 ? null : long);
      assert.equal(reader.text(), 'é');
      assert.ok(reader.done);
    }),
    { numRuns: 200 },
  );
});

const ENGINE: EngineSession = {
  run: async () => ({ fields: [], rows: [], affected: 1 }),
  begin: async () => {},
  commit: async () => {},
  rollback: async () => {},
  cancel: () => {},
  close: async () => {},
};

/** Of a message, what is right, wrong, or not there yet; anything else is a bug. */
async function attempted(act: () => Promise<unknown>): Promise<void> {
  await act().catch((error: unknown) => {
    const known = [BadMessage, Incomplete, OraError].some((type) => error instanceof type);
    assert.ok(known, error instanceof Error ? error.stack : String(error));
  });
}

test('a session answers every message, or says what is wrong with it', async () => {
  const operations = fc.constantFrom(...Object.values(FUNCTION));
  const anyHead = fc.oneof(
    operations.map((operation) => [MESSAGE.function, operation, 1]),
    fc.constantFrom<number[]>([MESSAGE.protocol], [MESSAGE.dataTypes], [MESSAGE.piggyback, 105, 1], []),
  );
  const anyMessage = fc
    .tuple(anyHead, bytes(80))
    .map(([head, rest]) => Buffer.concat([Buffer.from(head), rest]));
  const property = fc.asyncProperty(fc.array(anyMessage, { maxLength: 8 }), async (messages) => {
    const session = new Session(new Accounts({ app: 'secret' }), 'orders', ENGINE);
    for (const message of messages) await attempted(() => session.answer(new Reader(message)));
  });
  await fc.assert(property, { numRuns: 1000 });
});

test('a call that is garbled is refused, and the next one is answered', async () => {
  const sql = fc.constantFrom('SELECT a FROM t WHERE b = :b', 'INSERT INTO t (a) VALUES (:a)', 'COMMIT', '');
  const small = fc.oneof(fc.nat(3), fc.nat(300), fc.nat());
  const anyExecute = fc
    .record({ options: small, cursor: small, text: sql, binds: small, defines: small, rest: bytes(60) })
    .map(({ options, cursor, text, binds, defines, rest }) => {
      const writer = new Writer()
        .ub(options, cursor)
        .u8(text === '' ? 0 : 1)
        .ub(text.length)
        .u8(1)
        .ub(13);
      writer.raw(Buffer.alloc(3)).ub(1, 1).u8(1).ub(binds).raw(Buffer.alloc(6)).ub(defines);
      writer.ub(0).raw(Buffer.alloc(3)).ub(0).u8(0).ub(0, 0).u8(0).ub(0).raw(Buffer.alloc(2)).ub(0);
      writer.u8(0).ub(0).raw(Buffer.alloc(2)).ub(0);
      if (text !== '') writer.text(text);
      return Buffer.concat([writer.ub(1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0).end(), rest]);
    });
  const anyCall = fc.oneof(
    anyExecute.map((message) => [FUNCTION.execute, message] as const),
    fc.tuple(fc.constantFrom(FUNCTION.reexecute, FUNCTION.reexecuteAndFetch, FUNCTION.fetch), bytes(30)),
  );
  const property = fc.asyncProperty(fc.array(anyCall, { maxLength: 8 }), async (list) => {
    const calls = new Calls(ENGINE);
    for (const [operation, message] of list)
      await attempted(() => calls.perform(operation, new Reader(message), new Writer()));
    const writer = new Writer();
    await calls.perform(FUNCTION.ping, new Reader(Buffer.alloc(0)), writer);
    assert.ok(writer.end().length > 0);
  });
  await fc.assert(property, { numRuns: 1500 });
});

test('whatever text comes as SQL, it is translated or refused with a number', () => {
  const words = fc.constantFrom(
    ...'SELECT INSERT INTO UPDATE SET DELETE FROM WHERE VALUES RETURNING CREATE TABLE ALTER ADD ( ) , = :a :b VARCHAR2 NUMBER BLOB 10 \'x\' "q" t AND NVL IS JSON'.split(
      ' ',
    ),
  );
  const anySql = fc.oneof(
    fc.array(words, { maxLength: 15 }).map((list) => list.join(' ')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(anySql, (sql) => {
      try {
        translate(sql);
      } catch (error) {
        assert.ok(error instanceof OraError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
