/** The trigger that sees what is changed by SQL, on a server that enforces grants: for whom it fires, what it writes down, and what it makes of the row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import { countForeign } from '../../../functions/stores/oracle/foreign_rules.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { dropWatch, enableWatch, watchTrigger } from '../../../functions/stores/oracle/sql_watch.ts';
import { watchSql } from '../../../infra/console/watch_sql.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

const TABLE = 'PARCELS';
const COLUMNS = [{ name: 'CITY', path: 'city', type: { kind: 'text', bytes: 20 }, nullable: true }] as const;

/** Declares the tests. @param users that the functions log in as; `embedded` owns the tables, and all passwords are `secret`. */
export function sqlWatch(server: () => Running, users: readonly string[]): void {
  const hands = handsOf(server);
  seen(hands, users);
  refused(hands);
  misspelt(server, hands);
}

function handsOf(server: () => Running) {
  async function as<R>(user: string, act: (session: oracledb.Connection) => Promise<R>): Promise<R> {
    const { connectString } = server();
    const session = await oracledb.getConnection({ user, password: 'secret', connectString });
    try {
      await session.execute('ALTER SESSION SET CURRENT_SCHEMA = EMBEDDED');
      return await act(session);
    } finally {
      await session.close();
    }
  }
  const run = (user: string, ...statements: string[]) =>
    as(user, async (session) => {
      for (const text of statements) await session.execute(text, [], { autoCommit: true });
    });
  const rows = (query: string) =>
    as('embedded', async (session) => (await session.execute<unknown[]>(query)).rows ?? []);
  const noted = () =>
    rows(
      'SELECT doc_key, what, changes, db_user, TO_CHAR(version) FROM CROSSFADE_SQL_CHANGES ORDER BY doc_key',
    );
  return { as, run, rows, noted };
}

type Hands = ReturnType<typeof handsOf>;

const insert = (key: string, kind = "'json'") =>
  `INSERT INTO ${TABLE} (doc_key, version, handback, kind, city) VALUES ('${key}', 100, 0, ${kind}, 'Ulm')`;

/** A table with the trigger, four rows of the functions, and what others have changed of it. */
async function changed({ run, noted }: Hands, users: readonly string[]): Promise<void> {
  const table = { name: TABLE, columns: COLUMNS, projections: [] };
  const steps = collectionSubjects(table).flatMap(({ steps }) => steps.flat());
  await run('embedded', ...steps, watchTrigger(TABLE, users), enableWatch(TABLE));
  for (const user of ['app', 'guest'])
    await run('embedded', `GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLE} TO ${user}`);
  await run('app', insert('a'), insert('b'), insert('c'), insert('gone', "'gone'"));
  assert.deepEqual(await noted(), [], 'what the functions write is none of it');
  await run(
    'guest',
    `UPDATE ${TABLE} SET expires = 9 WHERE doc_key = 'a'`,
    `UPDATE ${TABLE} SET expires = 8 WHERE doc_key = 'a'`,
    `UPDATE ${TABLE} SET city = 'Bonn' WHERE doc_key <= 'b'`,
    `DELETE FROM ${TABLE} WHERE doc_key = 'c'`,
  );
  const [created, dropped] = [`INSERT INTO ${TABLE} (doc_key) VALUES ('d')`, "WHERE doc_key = 'gone'"];
  await run('embedded', created, `DELETE FROM ${TABLE} ${dropped}`);
}

function seen(hands: Hands, users: readonly string[]): void {
  test('a trigger sees what others than the functions change, the owner too, and says so without a value', async () => {
    await changed(hands, users);
    const { rows, noted } = hands;
    assert.deepEqual(
      (await noted()).map((row) => (row as unknown[]).slice(0, 4)),
      [
        // Columns take nothing away from what was noted of the document.
        ['a', 'document', 3, 'GUEST'],
        ['b', 'columns', 1, 'GUEST'],
        ['c', 'delete', 1, 'GUEST'],
        ['d', 'insert', 1, 'EMBEDDED'],
      ],
    );
    const versions = await rows(
      `SELECT doc_key, TO_CHAR(version), TO_CHAR(handoff), kind FROM ${TABLE} ORDER BY doc_key`,
    );
    assert.deepEqual(versions.slice(0, 2), [
      ['a', '102', '100', 'json'],
      ['b', '100', null, 'json'],
    ]);
    const [, version, ...created] = versions[2] as string[];
    // Not 0, as of a key that the API has created: Couchbase may hold it.
    assert.deepEqual(created, ['1', 'json']);
    assert.ok(BigInt(version ?? '') > 1_700_000_000_000_000_000n, version);
    const by = await rows("SELECT first_at, os_user FROM CROSSFADE_SQL_CHANGES WHERE doc_key = 'a'");
    const [[at, user] = [0, '']] = by as [number, string][];
    assert.ok(at > 1_700_000_000_000 && (user ?? '') !== '');
  });
}

function refused({ as, run, noted }: Hands): void {
  test('a change that is rolled back leaves no note, and a key is not renamed', async () => {
    await as('guest', async (session) => {
      await session.execute(`DELETE FROM ${TABLE} WHERE doc_key = 'b'`);
      await session.rollback();
    });
    assert.equal((await noted()).map((row) => (row as unknown[])[1])[1], 'columns');
    await assert.rejects(run('guest', `UPDATE ${TABLE} SET doc_key = 'e' WHERE doc_key = 'b'`), {
      errorNum: 20001,
      message: /CROSSFADE_KEY_CHANGED/,
    });
  });

  test('it is no rule of others, and once it is dropped nothing is seen', async () => {
    const { text, binds } = countForeign(TABLE);
    const foreign = await as('embedded', async (session) => (await session.execute(text, binds)).rows);
    assert.deepEqual(foreign, [[0]]);
    const before = (await noted()).length;
    await run('embedded', dropWatch(TABLE), `DELETE FROM ${TABLE}`, 'DELETE FROM CROSSFADE_SQL_CHANGES');
    assert.deepEqual([before, await noted()], [4, []]);
    await assert.rejects(run('embedded', dropWatch(TABLE)), { errorNum: 4080 });
    const another = `CREATE TRIGGER t AFTER INSERT ON ${TABLE} FOR EACH ROW BEGIN NULL; END;`;
    await assert.rejects(run('embedded', another), { errorNum: 3001 });
  });
}

/** On `ORDERS`, whose grants the functions' users have. */
function misspelt(server: () => Running, { rows }: Hands): void {
  test('the trigger is not created for users that no function can log in as: it would take each of their writes for one by SQL', async () => {
    const { connectString } = server();
    const login = { connectString, user: 'embedded', password: 'secret' };
    const watch = (on: boolean, work: string) =>
      watchSql({ show: () => {} }, ['ORDERS'], {
        ...{ on, users: { serve: 'APP', work, control: 'CHIEF' }, also: [], dryRun: false, login },
      });
    await assert.rejects(watch(true, 'WORKERS'), {
      name: 'BadCommand',
      message: /^WATCH_USER_UNKNOWN: WORKERS may not change ORDERS, .*Nothing was created\. .*WORKER/,
    });
    const triggers = () => rows("SELECT trigger_name FROM ALL_TRIGGERS WHERE table_name = 'ORDERS'");
    assert.deepEqual(await triggers(), []);
    await watch(true, 'WORKER');
    assert.deepEqual(await triggers(), [['ORDERS_CROSSFADE_SQL']]);
    await watch(false, 'WORKER');
  });
}
