/** What the owner of the tables does: `npx crossfade schema` prints what a deployment executes, and `tombstones` drops what may be dropped. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { oneUser } from '../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import { countTombstones } from '../../functions/stores/oracle/tombstones.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { addSchema } from '../../infra/console/schema.ts';
import type { Terminal } from '../../infra/console/terminal.ts';
import { addTombstones } from '../../infra/console/tombstones.ts';
import { type Running, startOracle } from '../../infra/local/servers/oracle/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const settings = checkSettings(config, 'test');
let server: Running;
before(async () => {
  server = await startOracle({ service: 'orders', users: { owner: 'secret' } });
});
after(() => server.stop());

const LOGIN = { ORACLE_CONNECT_STRING: '', ORACLE_USER: 'owner', ORACLE_PASSWORD: 'secret' };

function asOwner(): OracleConnection {
  return new OracleConnection({
    login: async () => ({ connectString: server.connectString, user: 'owner', password: 'secret' }),
    ...{ size: 1, timeout: 10_000 },
  });
}

interface Shown {
  readonly statements: readonly string[];
  readonly lines: readonly string[];
}

/** Runs the command with these options, on no database or as its owner. */
async function schema(options: readonly string[], connectString?: string): Promise<Shown> {
  const shown: Shown[] = [];
  const terminal = {
    show: ({ statements }: Shown, lines: readonly string[]) => void shown.push({ statements, lines }),
  } as unknown as Terminal;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addSchema(
    program,
    () => terminal,
    async () => settings,
  );
  for (const command of program.commands) command.exitOverride();
  if (connectString !== undefined)
    Object.assign(process.env, { ...LOGIN, ORACLE_CONNECT_STRING: connectString });
  try {
    await program.parseAsync(['schema', ...options], { from: 'user' });
  } finally {
    for (const name of Object.keys(LOGIN)) delete process.env[name];
  }
  return shown[0] as Shown;
}

test('a dry run needs no database, and prints what a deployment executes on an empty one, columns too', async () => {
  const { statements, lines } = await schema(['--dry-run', '--grant-to', 'app']);
  const connection = asOwner();
  const executed: string[] = [];
  // As functions/schema.ts does it.
  await upgrade(connection, subjectsOf(settings.configuration), oneUser('APP'), (text) =>
    executed.push(text),
  );
  await connection.close();
  assert.deepEqual(statements, executed);
  assert.ok(statements.includes('ALTER TABLE ORDERS ADD (TOTAL NUMBER(12, 2))'), statements.join('\n'));
  assert.ok(statements.includes('GRANT SELECT, INSERT, UPDATE ON CARTS TO APP'));
  // What a DBA may grant is printed, and not executed.
  const optional = lines.filter((line) => line.startsWith('-- GRANT SELECT ON SYS.'));
  assert.ok(optional.some((line) => line.startsWith('-- GRANT SELECT ON SYS.V_$RECOVERY_FILE_DEST TO APP;')));
  assert.equal(optional.length, 9);
  assert.deepEqual(
    lines.filter((line) => line.includes('DBMS_STATS')),
    ['ORDERS', 'CARTS'].map((table) => `-- BEGIN DBMS_STATS.GATHER_TABLE_STATS(USER, '${table}'); END;`),
  );
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('--')),
    statements.map((text) => `${text};\n`),
  );
});

test('with a login it prints and does what that database still needs', async () => {
  const connectString = server.connectString;
  assert.deepEqual((await schema(['--dry-run'], connectString)).statements, []);
  const granted = await schema(['--grant-to', 'app'], connectString);
  assert.ok(granted.statements.every((text) => text.startsWith('GRANT ')) && granted.statements.length > 0);
});

test('the triggers that see SQL are printed, created and dropped on their own, and not where the functions are the owner', async () => {
  const printed = await schema(['--watch-sql', 'on', '--dry-run', '--grant-to', 'app']);
  assert.equal(printed.statements.length, 4);
  assert.match(
    printed.lines[0] ?? '',
    /^CREATE OR REPLACE TRIGGER ORDERS_CROSSFADE_SQL\n[\s\S]*WHEN \(USER NOT IN \('APP'\)\)[\s\S]*END;\n\/\n$/,
  );
  assert.equal(printed.lines[1], 'ALTER TRIGGER ORDERS_CROSSFADE_SQL ENABLE;\n');
  // Users of whom a secret names one today, and the other one after a change of the password.
  const rotated = [
    '--serve',
    'app',
    '--work',
    'work',
    '--control',
    'chief',
    '--also',
    'app2',
    '--also',
    'work2',
  ];
  assert.match(
    (await schema(['--watch-sql', 'on', '--dry-run', ...rotated])).statements[0] ?? '',
    /WHEN \(USER NOT IN \('APP', 'WORK', 'CHIEF', 'APP2', 'WORK2'\)\)/,
  );
  for (const watch of [[], ['--watch-sql', 'off']])
    await assert.rejects(
      schema(['--dry-run', '--grant-to', 'app', '--also', 'app2', ...watch]),
      /--also names more users for --watch-sql on/,
    );
  const { connectString } = server;
  const on = await schema(['--watch-sql', 'on', '--grant-to', 'app'], connectString);
  assert.deepEqual(on.statements, printed.statements);
  const connection = asOwner();
  const enabled = () =>
    connection.use(
      { store: 'oracle', operation: 'test', collection: 'x', key: null },
      false,
      async (session) => {
        const query = "SELECT table_name FROM ALL_TRIGGERS WHERE status = 'ENABLED' ORDER BY table_name";
        return (await session.execute<[string]>(query)).rows?.map(([name]) => name);
      },
    );
  assert.deepEqual(await enabled(), ['CARTS', 'ORDERS']);
  // Where there is none any more, that is all right.
  for (let times = 0; times < 2; times++) await schema(['--watch-sql', 'off'], connectString);
  assert.deepEqual(await enabled(), []);
  await connection.close();
  for (const users of [['--grant-to', 'owner'], ['--serve', 'app'], []])
    await assert.rejects(schema(['--watch-sql', 'on', ...users], connectString), /WATCH_NEEDS_LOGINS/);
  await assert.rejects(
    schema(['--watch-sql', 'off', '--revoke', '--grant-to', 'app'], connectString),
    /nothing else/,
  );
});

test('where it cannot know the database, and where it is given a table, it says what to do', async () => {
  await assert.rejects(schema([]), /set ORACLE_CONNECT_STRING, .* or add --dry-run/);
  await assert.rejects(schema(['--dry-run', 'ORDERS']), /too many arguments/);
});

const DAY = 86_400_000;

/** Runs `tombstones` with these options. @param answer of the service. @returns its lines, and what the service was asked. */
async function tombstones(options: readonly string[], answer: object, login = true) {
  const [asked, told]: [unknown[], string[]] = [[], []];
  const terminal = {
    service: {
      ask: async (...given: unknown[]) => {
        asked.push(given);
        return { table: 'ORDERS', ...answer };
      },
    },
    show: (_: unknown, lines: readonly string[]) => void told.push(...lines),
    count: () => {},
  } as unknown as Terminal;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addTombstones(program, () => terminal);
  for (const command of program.commands) command.exitOverride();
  if (login) Object.assign(process.env, { ...LOGIN, ORACLE_CONNECT_STRING: server.connectString });
  try {
    await program.parseAsync(['tombstones', 'orders', '--why', 'weekly', ...options], { from: 'user' });
  } finally {
    for (const name of Object.keys(LOGIN)) delete process.env[name];
  }
  return { asked, told: told.join('\n') };
}

test('tombstones are counted, and dropped with --confirm alone, as far as the service says', async (context) => {
  const connection = asOwner();
  context.after(() => connection.close());
  const table = { name: 'ORDERS', columns: [], projections: [] };
  const gone = async (now: number, keys: readonly string[]) => {
    const store = new OracleStore(connection, table, () => now, 1);
    for (const key of keys) await store.apply(key, { content: null, version: BigInt(now) * 1_000_000n });
  };
  const now = Date.now();
  await gone(now - 40 * DAY, ['a', 'b', 'c']);
  await gone(now - DAY, ['d']);
  const bounds = { until: now - 30 * DAY, agreed: null, created: null, held: null };
  const counted = await tombstones([], bounds);
  assert.deepEqual(counted.asked, [
    ['tombstones', { collection: 'orders', why: 'weekly', life: 30, confirm: false }],
  ]);
  assert.match(counted.told, /^3 tombstones of ORDERS can be dropped, .* Say --confirm to drop them\.$/);
  await assert.rejects(
    tombstones(['--confirm'], { refused: 'A move was forced' }),
    /^BadCommand: Nothing was dropped. A move was forced/,
  );
  const left = () => countTombstones(connection, 'ORDERS', now, 100);
  assert.deepEqual([await left(), await countTombstones(connection, 'ORDERS', now, 2)], [4, 2]);
  const dropped = await tombstones(['--confirm', '--older-than', '20'], { ...bounds, held: 'Verify first.' });
  assert.deepEqual(dropped.asked[0], [
    'tombstones',
    { collection: 'orders', why: 'weekly', life: 20, confirm: true },
  ]);
  assert.match(
    dropped.told,
    /^3 tombstones of ORDERS were dropped, .*\nMore could be dropped .* Verify first\.$/,
  );
  assert.equal(await left(), 1);
});

test('--date dates tombstones and drops none, and the service does not enter that it does', async () => {
  const { asked, told } = await tombstones(['--date', '--confirm'], {
    until: 1,
    agreed: null,
    created: null,
    held: null,
  });
  assert.deepEqual((asked[0] as [string, { confirm: boolean }])[1].confirm, false);
  assert.match(told, /^0 tombstones of ORDERS had no date/);
});

test('a life that is too short, and an owner that is not known, are refused before the service is asked', async () => {
  for (const life of ['14', '20.5', 'x'])
    await assert.rejects(tombstones(['--older-than', life], {}), /a whole number of days, 15 or more/);
  await assert.rejects(
    tombstones([], {}, false),
    /The owner of the tables is not known: set ORACLE_CONNECT_STRING/,
  );
});
