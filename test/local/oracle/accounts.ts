/** Accounts of the embedded server: locked as in Oracle's DEFAULT profile, and with passwords that change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

/** Declares the tests. @param server with the users `app`, whose password is `secret`, and `other`, whose password is `first`. */
export function accounts(server: () => Running): void {
  /** The number that a login of `other` is refused with; null for none. */
  async function refusalOf(password: string): Promise<number | null> {
    try {
      await (
        await oracledb.getConnection({ user: 'other', password, connectString: server().connectString })
      ).close();
      return null;
    } catch (error) {
      return (error as { errorNum?: number }).errorNum ?? assert.fail(String(error));
    }
  }

  test('ten refused logins in a row lock an account, also for who knows its password, and no other account', async () => {
    const wrong = async (times: number) => {
      for (let n = 0; n < times; n++) assert.equal(await refusalOf('wrong'), 1017);
    };
    await wrong(9);
    assert.equal(await refusalOf('first'), null);
    await wrong(10);
    assert.deepEqual([await refusalOf('wrong'), await refusalOf('first')], [28000, 28000]);
    await (
      await oracledb.getConnection({ user: 'app', password: 'secret', connectString: server().connectString })
    ).close();
    await server().unlock('other');
    assert.equal(await refusalOf('first'), null);
  });

  test('a password that is changed leaves sessions alone, and with a rollover the one before is accepted too', async () => {
    const { connectString } = server();
    const session = await oracledb.getConnection({ user: 'other', password: 'first', connectString });
    await server().changePassword('other', 'second', true);
    assert.deepEqual([await refusalOf('first'), await refusalOf('second')], [null, null]);
    await server().changePassword('other', 'third');
    assert.deepEqual([await refusalOf('second'), await refusalOf('third')], [1017, null]);
    assert.deepEqual((await session.execute('SELECT 1 FROM dual')).rows, [[1]]);
    await session.close();
  });
}
