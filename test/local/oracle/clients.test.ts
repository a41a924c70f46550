/** What JDBC Thin and go-ora do otherwise than the driver that the functions use, seen in what they sent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import { Calls } from '../../../infra/local/servers/oracle/calls.ts';
import { type EngineSession, OID } from '../../../infra/local/servers/oracle/engine.ts';
import { PacketReader, packet } from '../../../infra/local/servers/oracle/packet.ts';
import { Reader } from '../../../infra/local/servers/oracle/reader.ts';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';
import { DATA_FLAG, FUNCTION, OPTION, PACKET, TYPE } from '../../../infra/local/servers/oracle/wire.ts';
import { Writer } from '../../../infra/local/servers/oracle/writer.ts';

let server: Running;
before(async () => {
  server = await startOracle({ service: 'orders', users: { app: 'secret' } });
});
after(() => server.stop());

const ONE_BODY: EngineSession = {
  run: async () => ({
    fields: [{ name: 'BODY', type: OID.bytea }],
    rows: [[Buffer.from('{"a":1}')]],
    affected: 0,
  }),
  begin: async () => {},
  commit: async () => {},
  rollback: async () => {},
  cancel: () => {},
  close: async () => {},
};
const QUERY = 'SELECT body FROM t';

/** @param defines types that the client wants for the columns. @param prefetch rows that it wants at once. */
function execute(options: number, defines: readonly (readonly [number, number])[], prefetch: number): Reader {
  const writer = new Writer().ub(options, 0).u8(1).ub(QUERY.length).u8(1).ub(13);
  writer.raw(Buffer.alloc(2)).ub(0, prefetch, 0).u8(0).ub(0);
  writer.raw(Buffer.alloc(6)).ub(defines.length);
  writer.ub(0).raw(Buffer.alloc(3)).ub(0).u8(0).ub(0, 0).u8(0).ub(0).raw(Buffer.alloc(2)).ub(0);
  writer.u8(0).ub(0).raw(Buffer.alloc(2)).ub(0);
  writer.text(QUERY).ub(1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0);
  for (const [type, maxSize] of defines)
    writer.u8(type).raw(Buffer.alloc(3)).ub(maxSize, 0, 0, 0, 0, 0).u8(0).ub(0, 0);
  return new Reader(writer.end());
}

async function answered(calls: Calls, operation: number, reader: Reader): Promise<string> {
  const writer = new Writer();
  await calls.perform(operation, reader, writer);
  return writer.end().toString('latin1');
}

test('types told with the execution itself (JDBC): the columns are described, and a long RAW ends as LONG RAW does', async () => {
  const calls = new Calls(ONE_BODY);
  const options = OPTION.parse | OPTION.define | OPTION.execute;
  const described = await answered(calls, FUNCTION.execute, execute(options, [[TYPE.raw, 0x7fff_ffff]], 0));
  assert.match(described, /BODY/);
  const fetched = await answered(calls, FUNCTION.fetch, new Reader(new Writer().ub(1, 10).end()));
  const [row, end] = ['\x07\x07{"a":1}\0\0', '\x04'];
  assert.ok(fetched.includes(row + end), 'an indicator, a return code, and the end of the call');
});

test('rows that are counted but not asked for (go-ora) come with the execution', async () => {
  const calls = new Calls({
    ...ONE_BODY,
    run: async () => ({ fields: [{ name: 'K', type: OID.text }], rows: [['k-1'], ['k-2']], affected: 0 }),
  });
  const answer = await answered(calls, FUNCTION.execute, execute(OPTION.parse | OPTION.execute, [], 25));
  assert.match(answer, /k-1.*k-2/s);
});

test('a request in short packets (JDBC) is whole where its client says so', async () => {
  const socket = connect(server.port, '127.0.0.1');
  const reader = new PacketReader();
  const next = async () => {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return [...reader.read(chunk)].map(({ type }) => type);
  };
  const send = (text: string, flags: number) => {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(flags);
    socket.write(packet(PACKET.data, Buffer.concat([head, Buffer.from(text)]), true));
  };
  socket.write(packet(PACKET.connect, connectBody('(SERVICE_NAME=orders)'), false));
  assert.deepEqual(await next(), [PACKET.accept]);
  reader.largeLengths = true;
  send('\x01\x06\0JDBC\0', DATA_FLAG.endOfRequest);
  assert.deepEqual(await next(), [PACKET.data]);
  send('\x01\x06\0JD', 0);
  send('BC\0', DATA_FLAG.endOfRequest);
  assert.deepEqual(await next(), [PACKET.data], 'answered, and not closed in the middle');
  socket.destroy();
});

function connectBody(descriptor: string): Buffer {
  const head = Buffer.alloc(66);
  head.writeUInt16BE(318, 0);
  head.writeUInt16BE(descriptor.length, 16);
  head.writeUInt16BE(head.length + 8, 18);
  head.writeUInt32BE(8192, 50);
  return Buffer.concat([head, Buffer.from(descriptor)]);
}

test('a block of one query fills its variables (go-ora logs in so); other PL/SQL is refused', async () => {
  const { connectString } = server;
  const connection = await oracledb.getConnection({ user: 'app', password: 'secret', connectString });
  const out = { dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 40 };
  const block = (value: string, where: string) =>
    `BEGIN SELECT ${value} INTO :a, :b FROM sys.nls_session_parameters WHERE ${where}; END;`;
  const wanted = block('MAX(value) AS v, MIN(parameter)', "parameter = 'NLS_SORT'");
  const { outBinds } = await connection.execute(wanted, { a: out, b: out });
  assert.deepEqual(outBinds, { a: 'BINARY', b: 'NLS_SORT' });
  for (const [sql, errorNum] of [
    [block('value, parameter', '1 = 0'), 1403],
    [block('value, parameter', '1 = 1'), 1422],
    ['BEGIN SELECT value FROM sys.nls_session_parameters; END;', 6550],
    ["BEGIN DELETE FROM t WHERE a = 'x'; END;", 3001],
  ] as const) {
    const binds = sql.includes(':a') ? { a: out, b: out } : {};
    await assert.rejects(connection.execute(sql, binds), { errorNum }, sql);
  }
  await connection.close();
});
