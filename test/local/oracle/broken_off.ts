/** What the embedded Oracle does with statements that their client breaks off, whichever engine it runs on. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import oracledb from 'oracledb';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

export interface Subject {
  readonly server: Running;
  readonly credentials: { readonly connectString: string; readonly user: string; readonly password: string };
}

const UPDATE = 'UPDATE broken SET v = :v WHERE k = 1';
const PATIENCE = 200;
/** Nobody waits for what should not be held up, on a busy machine neither. */
const LONG = { timeout: 20_000 };

/** @param subject tells of the server, once a test runs. */
export function brokenOff(subject: () => Subject): void {
  for (const earlier of [false, true])
    test(
      `a statement that was broken off is rolled back, ${earlier ? 'and what came before it stays' : 'and its transaction is over'}`,
      LONG,
      async (t) => {
        const [one, other] = await prepared(t, subject());
        if (earlier) await one.execute('INSERT INTO broken (k, v) VALUES (2, 2)');
        await unanswered(subject().server, one);
        assert.equal(one.transactionInProgress, earlier);
        const kept = earlier ? [[2, 2]] : [];
        if (earlier) assert.deepEqual(await rows(one), [[1, 0], ...kept]);
        if (earlier) await one.commit();
        await other.execute(UPDATE, { v: 8 }, { autoCommit: true });
        assert.deepEqual(await rows(other), [[1, 8], ...kept]);
      },
    );

  test('a statement that was broken off while it waited for another session never runs', LONG, async (t) => {
    const [one, other] = await prepared(t, subject());
    await other.execute(UPDATE, { v: 8 });
    one.callTimeout = PATIENCE;
    for (let round = 0; round < 3; round++)
      await assert.rejects(one.execute(UPDATE, { v: 7 }, { autoCommit: true }), { code: 'NJS-123' });
    one.callTimeout = 0;
    assert.equal(one.transactionInProgress, false);
    await other.commit();
    assert.deepEqual(await rows(one), [[1, 8]]);
    await one.execute(UPDATE, { v: 9 }, { autoCommit: true });
    assert.deepEqual(await rows(other), [[1, 9]]);
  });
}

/** The server does the update, and does not say so; the session waits, and breaks it off. */
async function unanswered(server: Running, session: oracledb.Connection): Promise<void> {
  const action = { kind: 'silence', applied: true } as const;
  await server.fault({ operation: 'execute', statement: 'UPDATE broken', times: 1, action });
  session.callTimeout = PATIENCE;
  await assert.rejects(session.execute(UPDATE, { v: 7 }), { code: 'NJS-123' });
  session.callTimeout = 0;
}

/** Two sessions, and a table with one row. */
async function prepared(
  t: TestContext,
  { credentials }: Subject,
): Promise<[oracledb.Connection, oracledb.Connection]> {
  const [one, other] = await Promise.all([
    oracledb.getConnection(credentials),
    oracledb.getConnection(credentials),
  ]);
  t.after(async () => {
    await one.close();
    await other.close();
  });
  await one.execute('DROP TABLE broken').catch(() => {});
  await one.execute('CREATE TABLE broken (k NUMBER PRIMARY KEY, v NUMBER)');
  await one.execute('INSERT INTO broken (k, v) VALUES (1, 0)', [], { autoCommit: true });
  return [one, other];
}

async function rows(session: oracledb.Connection): Promise<unknown> {
  return (await session.execute('SELECT k, v FROM broken ORDER BY k')).rows;
}
