/** Grants of the embedded server: what Oracle says to a user who may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

const COMMITTED = { autoCommit: true };

type Refusal = number | null;

/** Declares the tests. @param server that enforces grants, with the users `embedded` and `guest`, whose passwords are `secret`. */
export function grants(server: () => Running): void {
  const users = usersOf(server);
  visible(users);
  byColumn(users);
  told(server, users);
}

function usersOf(server: () => Running) {
  async function as<R>(user: string, act: (session: oracledb.Connection) => Promise<R>): Promise<R> {
    const { connectString } = server();
    const session = await oracledb.getConnection({ user, password: 'secret', connectString });
    try {
      return await act(session);
    } finally {
      await session.close();
    }
  }

  /** The number that each statement is refused with; null for none. */
  const refusals = (user: string, schema: string | null, statements: readonly string[]) =>
    as(user, async (session) => {
      if (schema !== null) await session.execute(`ALTER SESSION SET CURRENT_SCHEMA = ${schema}`);
      const found: Refusal[] = [];
      for (const text of statements)
        found.push(
          await session.execute(text, [], COMMITTED).then(
            () => null,
            (error: { errorNum?: number }) => error.errorNum ?? assert.fail(String(error)),
          ),
        );
      return found;
    });

  const owner = (...statements: string[]) => refusals('embedded', null, statements);
  const guest = (...statements: string[]) => refusals('guest', 'embedded', statements);
  return { as, owner, guest, refusals };
}

type Users = ReturnType<typeof usersOf>;

function visible({ owner, guest, refusals }: Users): void {
  test('a table that nothing is granted on is not there for another user; one that something is granted on may not be changed', async () => {
    assert.deepEqual(
      await owner(
        'CREATE TABLE vault (k NUMBER PRIMARY KEY, v NUMBER, w NUMBER)',
        'INSERT INTO vault VALUES (1, 1, 1)',
      ),
      [null, null],
    );
    const look = 'SELECT v FROM vault';
    assert.deepEqual(await guest(look, 'UPDATE vault SET v = 2', 'SELECT 1 FROM DUAL'), [942, 942, null]);
    assert.deepEqual(await owner('GRANT READ ON vault TO guest'), [null]);
    assert.deepEqual(
      await guest(
        ...[look, `${look} FOR UPDATE`, 'UPDATE vault SET v = 2', 'INSERT INTO vault (k) VALUES (2)'],
        ...['DELETE FROM vault', 'DROP TABLE vault', 'CREATE TABLE mine (k NUMBER)'],
        ...['SELECT 1 FROM (SELECT k FROM DUAL, vault)', 'GRANT UPDATE ON vault TO guest'],
      ),
      [null, 1031, 1031, 1031, 1031, 1031, 1031, null, 1031],
    );
    // Names mean the tables of the session's schema, or of the one that is named.
    const qualified = 'SELECT v FROM embedded.vault';
    assert.deepEqual(await refusals('guest', null, [look, qualified, 'SELECT v FROM guest.vault']), [
      942,
      null,
      942,
    ]);
  });
}

function byColumn({ owner, guest }: Users): void {
  test('columns may be granted one by one, and a condition needs SELECT beside it', async () => {
    await owner('GRANT UPDATE (v), INSERT (k, v) ON vault TO guest');
    const change = 'UPDATE vault SET v = 2';
    assert.deepEqual(
      await guest(
        ...[change, 'UPDATE vault SET w = 2', 'UPDATE vault SET v = 2, w = 2', `${change} WHERE k = 1`],
        ...['INSERT INTO vault (k, v) VALUES (2, 2)', 'INSERT INTO vault (k, w) VALUES (3, 3)'],
      ),
      [null, 1031, 1031, 1031, null, 1031],
    );
    await owner('GRANT SELECT ON vault TO guest');
    assert.deepEqual(await guest(`${change} WHERE k = 1`, 'SELECT v FROM vault FOR UPDATE'), [null, null]);
    assert.deepEqual(
      await owner('REVOKE UPDATE (v) ON vault FROM guest', 'REVOKE UPDATE ON vault FROM guest'),
      [1750, null],
    );
    assert.deepEqual(await guest(change), [1031]);
  });
}

function told(server: () => Running, { as, owner, guest }: Users): void {
  test('a grant of what is not there, or to nobody, is refused; 23ai names the privilege that is missing', async () => {
    const wrong = [
      'ON nowhere TO guest',
      'ON vault TO nobody',
      'ON vault TO embedded',
      '(x) ON vault TO guest',
    ];
    assert.deepEqual(await owner(...wrong.map((rest) => `GRANT UPDATE ${rest}`)), [942, 1917, 1749, 904]);
    await server().release('23ai');
    try {
      assert.deepEqual(await guest('DELETE FROM vault'), [41900]);
    } finally {
      await server().release('19c');
    }
  });

  test('what was refused is told, once', async () => {
    await server().refused();
    assert.deepEqual(await guest('SELECT v FROM vault', 'DELETE FROM vault'), [null, 1031]);
    assert.deepEqual(await server().refused(), ['GUEST: DELETE ON VAULT']);
    assert.deepEqual(await server().refused(), []);
  });

  test('the dictionary tells who asks, and what was granted', async () => {
    const rowsOf = await as('guest', async (session) => {
      await session.execute('ALTER SESSION SET CURRENT_SCHEMA = embedded');
      const rows = async (text: string) => (await session.execute<unknown[]>(text)).rows ?? [];
      return [
        await rows(
          "SELECT SYS_CONTEXT('USERENV', 'SESSION_USER'), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL",
        ),
        await rows(
          "SELECT PRIVILEGE FROM ALL_TAB_PRIVS WHERE GRANTEE = 'GUEST' AND TABLE_NAME = 'VAULT' ORDER BY PRIVILEGE",
        ),
        await rows(
          "SELECT COLUMN_NAME FROM ALL_COL_PRIVS WHERE GRANTEE = 'GUEST' AND PRIVILEGE = 'INSERT' ORDER BY COLUMN_NAME",
        ),
      ];
    });
    assert.deepEqual(rowsOf, [[['GUEST', 'EMBEDDED']], [['READ'], ['SELECT']], [['K'], ['V']]]);
  });
}
