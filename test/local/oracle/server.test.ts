import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import oracledb from 'oracledb';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';
import { accounts } from './accounts.ts';
import { brokenOff } from './broken_off.ts';
import { columns } from './columns.ts';
import { ENCRYPTED, encrypted, pooled } from './encrypted.ts';
import { killed } from './killed.ts';
import { releases } from './releases.ts';

let server: Running;
let connection: oracledb.Connection;
const USER = { user: 'app', password: 'secret' };

before(async () => {
  const users = { app: 'secret', other: 'first' };
  server = await startOracle({ service: 'orders', users, tls: ENCRYPTED });
});
after(() => server.stop());
beforeEach(async () => {
  connection = await oracledb.getConnection({ ...USER, connectString: server.connectString });
});
afterEach(async () => {
  await server.calm();
  await connection.close().catch(() => {});
});

const committed = { autoCommit: true };

async function table(name: string, columns: string): Promise<void> {
  await connection.execute(`CREATE TABLE ${name} (${columns})`);
}

function fails(sql: string, binds: oracledb.BindParameters, number: number): Promise<void> {
  return assert.rejects(connection.execute(sql, binds, committed), { errorNum: number });
}

test('only the right password of a known user opens a known service', async () => {
  const { connectString } = server;
  for (const wrong of [{ password: 'wrong' }, { user: 'nobody' }])
    await assert.rejects(oracledb.getConnection({ ...USER, connectString, ...wrong }), { errorNum: 1017 });
  const elsewhere = `127.0.0.1:${server.port}/elsewhere`;
  await assert.rejects(oracledb.getConnection({ ...USER, connectString: elsewhere }), { code: 'NJS-518' });
});

test('values of every type come back as they went in', async () => {
  await table(
    'kinds',
    'k VARCHAR2(250 BYTE) PRIMARY KEY, n NUMBER, b BLOB, r RAW(16), c CLOB, t TIMESTAMP(3), d DATE',
  );
  const at = new Date(Date.UTC(2031, 1, 3, 4, 5, 6, 789));
  const long = Buffer.alloc(3_000_000, 'x');
  const insert = 'INSERT INTO kinds (k, n, b, r, c, t, d) VALUES (:k, :n, :b, :r, :c, :t, :d)';
  const row = {
    n: 12345678901234567890n,
    b: long,
    r: Buffer.from([0, 255]),
    c: 'é'.repeat(50_000),
    t: at,
    d: at,
  };
  await connection.execute(insert, { k: 'clé', ...row }, committed);
  await connection.execute(
    insert,
    { k: 'none', n: null, b: null, r: null, c: '', t: null, d: null },
    committed,
  );
  const asBytes = (type: { dbType: unknown }) =>
    type.dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined;
  const query = 'SELECT k, TO_CHAR(n), b, r, c, t, d FROM kinds ORDER BY k';
  const { rows } = await connection.execute<unknown[]>(query, [], { fetchTypeHandler: asBytes as never });
  const [k, n, b, r, c, t, d] = rows?.[0] ?? [];
  assert.deepEqual([k, n, c], ['clé', '12345678901234567890', row.c]);
  assert.ok(long.equals(b as Buffer) && row.r.equals(r as Buffer));
  assert.equal((t as Date).getTime(), at.getTime());
  assert.equal((d as Date).getTime(), Math.round(at.getTime() / 1000) * 1000);
  assert.deepEqual(rows?.[1]?.slice(1), [null, null, null, null, null, null]);
});

test('what PostgreSQL would take, and Oracle would not, is refused with Oracle’s number', async () => {
  await table(
    'strict',
    'k VARCHAR2(4 BYTE) PRIMARY KEY, n NUMBER(3), b BLOB, CONSTRAINT json CHECK (b IS JSON)',
  );
  const insert = 'INSERT INTO strict (k, n, b) VALUES (:k, :n, :b)';
  const b = Buffer.from('{}');
  await connection.execute(insert, { k: 'a', n: 1, b }, committed);
  await fails(insert, { k: 'a', n: 1, b }, 1);
  await fails(insert, { k: 'ééé', n: 1, b }, 12899);
  await fails(insert, { k: '', n: 1, b }, 1400);
  await fails(insert, { k: 'b', n: 1000, b }, 1438);
  await fails(insert, { k: 'b', n: 1, b: Buffer.from('{') }, 2290);
  await fails('SELECT :v FROM dual', { v: Buffer.alloc(40_000) }, 1461);
  await fails('SELECT k FROM nowhere', [], 942);
  await fails('SELECT nothing FROM strict', [], 904);
  await fails('SELECT pg_sleep(1) FROM dual', [], 904);
  await fails('SELECT k ? 1 FROM strict', [], 911);
  const list = (length: number) => Array.from({ length }, (_, n) => `'${n}'`).join(', ');
  await connection.execute(`SELECT k FROM strict WHERE k IN (${list(1000)})`);
  await fails(`SELECT k FROM strict WHERE k IN (${list(1001)})`, [], 1795);
  await fails('CREATE TABLE reserved_words (raw NUMBER)', [], 904);
  await fails('SELECT k FROM strict WHERE k = :level', { level: 'a' }, 1745);
  await fails('SELECT k FROM strict FETCH FIRST 1 ROWS ONLY FOR UPDATE', [], 2014);
  await fails('SELECT k FROM strict WHERE ROWNUM = 1', [], 3001);
  for (const wrong of ["k = 'a' OR ROWNUM <= 1", "ROWNUM <= 1 AND k = 'a'", 'ROWNUM <= 1 ORDER BY k'])
    await fails(`SELECT k FROM strict WHERE ${wrong}`, [], 3001);
  await fails('SELECT COUNT(*) FROM strict WHERE ROWNUM <= 1', [], 3001);
  await fails('DELETE FROM strict WHERE ROWNUM <= 1', [], 3001);
  await fails('VACUUM', [], 900);
  await fails('MERGE INTO strict USING dual ON (1 = 1)', [], 3001);
  await fails('CREATE TABLE strict (k NUMBER)', [], 955);
});

test('IS JSON accepts what a 19c accepts: no scalar at the top level, and no name above its limit', async () => {
  await table('texts', 'b BLOB, CONSTRAINT texts_json CHECK (b IS JSON)');
  const insert = 'INSERT INTO texts (b) VALUES (:b)';
  const name = (length: number) => `{"${'n'.repeat(length)}" :1}`;
  for (const text of ['{}', ' \n [1e400]', name(32_767)])
    await connection.execute(insert, { b: Buffer.from(text) }, committed);
  for (const text of ['42', ' "text" ', 'true', 'null', '{', '\ufeff{}', name(32_768)])
    await fails(insert, { b: Buffer.from(text) }, 2290);
  const count = async (condition: string) =>
    (await connection.execute(`SELECT COUNT(*) FROM texts t WHERE ${condition}`)).rows;
  assert.deepEqual([await count('t.b IS JSON'), await count('t.b IS NOT JSON')], [[[3]], [[0]]]);
  await fails('SELECT COUNT(*) FROM texts WHERE LENGTH(b) IS JSON', [], 3001);
});

test('a transaction is seen by nobody before it is committed, and a failing statement does not end it', async () => {
  await table('kept', 'k NUMBER PRIMARY KEY');
  await connection.execute('INSERT INTO kept (k) VALUES (1)');
  await fails('INSERT INTO kept (k) VALUES (1)', [], 1);
  await connection.execute('INSERT INTO kept (k) VALUES (2)');
  const count = async (from: oracledb.Connection) =>
    (await from.execute<[number]>('SELECT COUNT(*) FROM kept')).rows?.[0]?.[0];
  assert.equal(await count(connection), 2);
  const other = await oracledb.getConnection({ ...USER, connectString: server.connectString });
  const seen = count(other);
  await connection.rollback();
  assert.equal(await seen, 0);
  await other.close();
});

test('a batch tells of each row what became of it', async () => {
  await table('batch', 'k VARCHAR2(9 BYTE) PRIMARY KEY, b BLOB, CHECK (b IS JSON)');
  const rows = ['a', 'b', 'a', 'longer than 9', 'c'].map((k) => [k, Buffer.from('[1]')]);
  rows[1] = ['b', Buffer.from('{')];
  const options = {
    ...committed,
    batchErrors: true,
    dmlRowCounts: true,
    bindDefs: [
      { type: oracledb.STRING, maxSize: 250 },
      { type: oracledb.BUFFER, maxSize: 100_000 },
    ],
  };
  const result = await connection.executeMany('INSERT INTO batch (k, b) VALUES (:1, :2)', rows, options);
  assert.deepEqual(
    result.batchErrors?.map(({ offset, message }) => [offset, message.slice(0, 9)]),
    [
      [1, 'ORA-02290'],
      [2, 'ORA-00001'],
      [3, 'ORA-12899'],
    ],
  );
  assert.deepEqual(result.dmlRowCounts, [1, 0, 0, 0, 1]);
  await connection.rollback();
  const { rows: left } = await connection.execute('SELECT k FROM batch');
  assert.deepEqual(left, [], 'with errors, nothing is committed unasked');
});

test('RETURNING gives back what each row became', async () => {
  await table('returning_table', 'k NUMBER PRIMARY KEY, v NUMBER(20)');
  await connection.execute(
    'INSERT INTO returning_table (k, v) VALUES (1, 18446744073709551614)',
    [],
    committed,
  );
  const update = 'UPDATE returning_table SET v = v + 1 WHERE k = :k RETURNING TO_CHAR(v) INTO :v';
  const v = { dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 30 };
  for (const [k, expected] of [
    [1, ['18446744073709551615']],
    [2, []],
  ] as const) {
    const { outBinds } = await connection.execute<{ v: string[] }>(update, { k, v }, committed);
    assert.deepEqual(outBinds?.v, expected);
  }
});

test('more rows than one fetch carries come in order', async () => {
  await table('many', 'k NUMBER PRIMARY KEY');
  const rows = Array.from({ length: 1234 }, (_, n) => [n]);
  await connection.executeMany('INSERT INTO many (k) VALUES (:1)', rows, committed);
  const { rows: found } = await connection.execute('SELECT k FROM many ORDER BY k');
  assert.deepEqual(found, rows);
});

test('a call that takes too long is broken off, and the connection goes on', async () => {
  await server.fault({
    operation: 'ping',
    statement: null,
    times: 1,
    action: { kind: 'silence', applied: false },
  });
  connection.callTimeout = 200;
  await assert.rejects(connection.ping(), { code: 'NJS-123' });
  connection.callTimeout = 0;
  assert.deepEqual((await connection.execute('SELECT dummy FROM dual')).rows, [['X']]);
});

test('faults strike what they name: errors, lost answers, lost connections', async () => {
  const [operation, statement] = ['execute', 'SELECT 7'] as const;
  const error = { kind: 'error', number: 60, text: 'deadlock detected' } as const;
  await server.fault({ operation, statement, times: 1, action: error });
  await fails('SELECT 7 FROM dual', [], 60);
  assert.deepEqual((await connection.execute('SELECT 7 FROM dual')).rows, [[7]]);
  await server.fault({ operation, statement: null, times: 1, action: { kind: 'drop', applied: false } });
  await assert.rejects(connection.execute('SELECT 8 FROM dual'), { code: 'NJS-500' });
});

test('a client that speaks something else loses its connection, and the others keep theirs', async () => {
  for (const garbage of [
    'GET / HTTP/1.1\r\n\r\n',
    '\x00'.repeat(40),
    '\x00\x50\x00\x00\x06'.padEnd(80, '\x01'),
  ]) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(Buffer.from(garbage, 'latin1'));
    socket.resume();
    await once(socket, 'close');
    assert.deepEqual((await connection.execute('SELECT dummy FROM dual')).rows, [['X']]);
  }
});

brokenOff(() => ({ server, credentials: { ...USER, connectString: server.connectString } }));
accounts(() => server);
killed(() => server);
releases(() => server);
columns(() => server);
encrypted(() => server);
pooled(() => server);
