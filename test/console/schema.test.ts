/** `npx crossfade schema` prints what a deployment executes, for the configuration. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { addSchema } from '../../infra/console/schema.ts';
import type { Terminal } from '../../infra/console/terminal.ts';
import { type Running, startOracle } from '../../infra/local/servers/oracle/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const settings = checkSettings(config, 'test');
let server: Running;
before(async () => {
  server = await startOracle({ service: 'orders', users: { owner: 'secret' } });
});
after(() => server.stop());

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
  const login = { ORACLE_CONNECT_STRING: connectString, ORACLE_USER: 'owner', ORACLE_PASSWORD: 'secret' };
  if (connectString !== undefined) Object.assign(process.env, login);
  try {
    await program.parseAsync(['schema', ...options], { from: 'user' });
  } finally {
    for (const name of Object.keys(login)) delete process.env[name];
  }
  return shown[0] as Shown;
}

test('a dry run needs no database, and prints what a deployment executes on an empty one, columns too', async () => {
  const { statements, lines } = await schema(['--dry-run', '--grant-to', 'app']);
  const connection = new OracleConnection({
    login: async () => ({ connectString: server.connectString, user: 'owner', password: 'secret' }),
    ...{ size: 1, timeout: 10_000 },
  });
  const executed: string[] = [];
  // As functions/schema.ts does it.
  await upgrade(connection, subjectsOf(settings.configuration), 'APP', (text) => executed.push(text));
  await connection.close();
  assert.deepEqual(statements, executed);
  assert.ok(statements.includes('ALTER TABLE ORDERS ADD (TOTAL NUMBER(12, 2))'), statements.join('\n'));
  assert.ok(statements.includes('GRANT SELECT, INSERT, UPDATE ON CARTS TO APP'));
  // What a DBA may grant is printed, and not executed.
  const optional = lines.filter((line) => line.startsWith('-- GRANT SELECT ON SYS.'));
  assert.ok(optional.some((line) => line.startsWith('-- GRANT SELECT ON SYS.V_$RECOVERY_FILE_DEST TO APP;')));
  assert.equal(optional.length, 9);
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

test('where it cannot know the database, and where it is given a table, it says what to do', async () => {
  await assert.rejects(schema([]), /set ORACLE_CONNECT_STRING, .* or add --dry-run/);
  await assert.rejects(schema(['--dry-run', 'ORDERS']), /too many arguments/);
});
