/** Sessions of the embedded server that are killed by another one: what they had not committed is gone, and they are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import { PRIVILEGES, type Privilege } from '../../../infra/local/servers/oracle/sessions.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

const OWN =
  "SELECT sid, serial#, SYS_CONTEXT('USERENV', 'INSTANCE') FROM V$SESSION WHERE TO_CHAR(sid) = SYS_CONTEXT('USERENV', 'SID')";

/** Declares the tests. @param server with the user `app`, whose password is `secret`. */
export function killed(server: () => Running): void {
  const login = () =>
    oracledb.getConnection({ user: 'app', password: 'secret', connectString: server().connectString });
  const named = async (session: oracledb.Connection) => {
    const { rows: [[sid, serial, instance] = []] = [] } = await session.execute<unknown[]>(OWN);
    return `${sid},${serial},@${instance}`;
  };
  const allowed = (privileges: readonly Privilege[]) => server().allow('app', privileges);

  for (const [verb, told] of [
    ['KILL', { errorNum: 28 }],
    ['DISCONNECT', { code: 'NJS-500' }],
  ] as const)
    test(`${verb} SESSION leaves nothing of a transaction, and its client is told`, async () => {
      await allowed(PRIVILEGES);
      const [victim, other] = [await login(), await login()];
      await other.execute(`CREATE TABLE ${verb}ed (k NUMBER)`);
      const name = await named(victim);
      await victim.execute(`INSERT INTO ${verb}ed VALUES (1)`);
      await other.execute(`ALTER SYSTEM ${verb} SESSION '${name}' IMMEDIATE`);
      const { rows } = await other.execute(`SELECT COUNT(*) FROM ${verb}ed`);
      assert.deepEqual(rows, [[0]]);
      await assert.rejects(victim.execute('SELECT 1 FROM DUAL'), told);
      // It is gone by now, or was never there: nobody can be told which.
      await assert.rejects(other.execute(`ALTER SYSTEM ${verb} SESSION '${name}'`), { errorNum: 30 });
      await other.close();
    });

  test('a session is killed and seen by those alone who may, and by no other name', async () => {
    const session = await login();
    const fails = (sql: string, errorNum: number) => assert.rejects(session.execute(sql), { errorNum });
    await allowed([]);
    await fails(OWN, 942);
    await fails("ALTER SYSTEM KILL SESSION '1,1'", 1031);
    await allowed(PRIVILEGES);
    await fails("ALTER SYSTEM KILL SESSION '1,1'", 30);
    await fails(`ALTER SYSTEM KILL SESSION '${await named(session)}'`, 27);
    await fails("ALTER SYSTEM KILL SESSION 'app'", 26);
    await fails("ALTER SYSTEM DISCONNECT SESSION '1,1' POST_TRANSACTION", 3001);
    await fails('ALTER SYSTEM CHECKPOINT', 3001);
    await session.close();
  });
}
