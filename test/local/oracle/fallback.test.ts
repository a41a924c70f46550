/** A database that comes back in an earlier state, as the driver sees it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import oracledb from 'oracledb';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';

const USER = { user: 'app', password: 'secret' };
const COMMITTED = { autoCommit: true };
const LIMIT = { timeout: 30_000 };

let server: Running;
before(async () => {
  server = await startOracle({ service: 'orders', users: { app: 'secret' } });
});
after(() => server.stop());

const connected = () => oracledb.getConnection({ ...USER, connectString: server.connectString });

async function asked(connection: oracledb.Connection, query: string): Promise<unknown[]> {
  return ((await connection.execute<unknown[]>(query)).rows ?? []).map(([first]) => first);
}

/** In a connection of its own. */
async function held(query: string): Promise<unknown[]> {
  const connection = await connected();
  try {
    return await asked(connection, query);
  } finally {
    await connection.close();
  }
}

const INCARNATION = `SELECT TO_CHAR(DBID) || ' ' || TO_CHAR(RESETLOGS_CHANGE#) FROM V$DATABASE`;

test('without a restore point there is nothing to come back to', LIMIT, async () => {
  await assert.rejects(server.fallBack(), /There is no restore point/);
  assert.deepEqual(await held('SELECT dummy FROM dual'), ['X']);
});

test(
  'all that was committed since is gone, and open transactions too; what was there before is there',
  LIMIT,
  async () => {
    const connection = await connected();
    // It comes back before the table that it refers to.
    await connection.execute('CREATE TABLE beside (k VARCHAR2(9 BYTE))');
    await connection.execute('CREATE TABLE kept (k VARCHAR2(9 BYTE) PRIMARY KEY, n NUMBER)');
    await connection.execute('CREATE INDEX kept_by_n ON kept (n)');
    await connection.executeMany(
      'INSERT INTO kept (k, n) VALUES (:1, :2)',
      [
        ['a', 1],
        ['b', 2],
      ],
      COMMITTED,
    );
    await connection.execute(
      'ALTER TABLE beside ADD CONSTRAINT beside_fk FOREIGN KEY (k) REFERENCES kept (k)',
    );
    await connection.execute("INSERT INTO beside (k) VALUES ('a')", [], COMMITTED);
    await server.restorePoint();
    await connection.execute("UPDATE kept SET n = 3 WHERE k = 'a'", [], COMMITTED);
    await connection.execute("DELETE FROM kept WHERE k = 'b'", [], COMMITTED);
    await connection.execute('CREATE TABLE fresh (k NUMBER)');
    await connection.execute("INSERT INTO kept (k, n) VALUES ('c', 3)", [], COMMITTED);
    // With PGlite the whole database waits for the end of this one.
    await connection.execute("INSERT INTO kept (k, n) VALUES ('open', 3)");
    await server.fallBack();
    await assert.rejects(asked(connection, 'SELECT k FROM kept'), { code: 'NJS-500' });
    assert.deepEqual(await held('SELECT k || TO_CHAR(n) FROM kept ORDER BY k'), ['a1', 'b2']);
    await assert.rejects(held('SELECT k FROM fresh'), { errorNum: 942 });
    const again = await connected();
    await assert.rejects(again.execute("INSERT INTO kept (k) VALUES ('a')"), { errorNum: 1 });
    await again.close();
  },
);

test(
  'it is another incarnation of the same database, unless a disk came back; twice the same state has two',
  LIMIT,
  async () => {
    const seen = [await held(INCARNATION)];
    await server.restorePoint();
    for (const resetLogs of [false, true, true]) {
      await server.fallBack({ resetLogs });
      seen.push(await held(INCARNATION));
    }
    const [first, sameDisk, once, twice] = seen.map(([text]) => String(text).split(' '));
    assert.deepEqual(sameDisk, first);
    assert.deepEqual([once?.[0], twice?.[0]], [first?.[0], first?.[0]]);
    assert.equal(new Set([first?.[1], once?.[1], twice?.[1]]).size, 3);
    const [time] = await held("SELECT TO_CHAR(RESETLOGS_TIME, 'YYYY') FROM V$DATABASE");
    assert.equal(time, String(new Date().getUTCFullYear()));
  },
);

test('while it is away, the listener does not know the service', LIMIT, async () => {
  await server.restorePoint();
  const back = server.fallBack({ away: 1500 }).then(() => 'back');
  let refused = 0;
  while ((await Promise.race([back, setTimeout(50)])) !== 'back')
    await connected().then(
      (connection) => connection.close(),
      ({ code }: { code: string }) => {
        assert.equal(code, 'NJS-518');
        refused++;
      },
    );
  assert.ok(refused > 0);
  await (await connected()).close();
});

test('an order that it cannot obey changes nothing, and it goes on', LIMIT, async () => {
  const connection = await connected();
  await connection.execute('CREATE TABLE altered (k VARCHAR2(9 BYTE))');
  await server.restorePoint();
  await connection.execute('ALTER TABLE altered ADD (n NUMBER)');
  await connection.execute("INSERT INTO altered (k, n) VALUES ('kept', 1)", [], COMMITTED);
  await connection.close();
  await assert.rejects(server.fallBack(), /ALTERED has changed since the restore point/);
  assert.deepEqual(await held('SELECT k FROM altered'), ['kept']);
});

test(
  'views that need a grant are there once they are shown, stay over a fallback, and go',
  LIMIT,
  async () => {
    const names = 'SELECT NAME FROM V$TABLESPACE';
    await assert.rejects(held(names), /ORA-00942/);
    await server.show('V$TABLESPACE', [{ 'TS#': 2, NAME: "UNDO'S" }]);
    await server.restorePoint();
    await server.fallBack();
    assert.deepEqual(await held(names), ["UNDO'S"]);
    await server.show('V$TABLESPACE', []);
    assert.deepEqual(await held(names), []);
    await server.show('V$TABLESPACE', null);
    await assert.rejects(held(names), /ORA-00942/);
    await assert.rejects(server.show('V$LOG' as 'V$TABLESPACE', []), /There is no view V\$LOG here/);
    await assert.rejects(
      server.show('V$TABLESPACE', [{ COLOUR: 1 }]),
      /V\$TABLESPACE has no column COLOUR here/,
    );
  },
);
