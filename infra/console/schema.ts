/** `npm run schema`: creates and upgrades the tables in Oracle, or with `--dry-run` prints how. */
import { parseArgs } from 'node:util';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { CONTROL, collectionSubjects } from '../../functions/stores/oracle/schema.ts';
import { planned, upgrade } from '../../functions/stores/oracle/upgrade.ts';

const HELP = `npm run schema -- [--dry-run] [--grant-to USER] TABLE...

Creates the control tables and the table of every collection named, or brings them to this version.
ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD say where; the user must own the tables.

  --dry-run        print the statements, and change nothing
  --grant-to USER  let this user read and write them: the one that the functions log in as
`;

const READY = 'The tables are as they should be.';

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean' }, 'grant-to': { type: 'string' }, help: { type: 'boolean' } },
  allowPositionals: true,
});

async function main(): Promise<void> {
  if (values.help === true || positionals.length === 0) {
    console.log(HELP);
    return;
  }
  const subjects = [CONTROL, ...positionals.flatMap((name) => collectionSubjects({ name, columns: [] }))];
  const user = values['grant-to'] ?? null;
  const login = {
    connectString: setting('ORACLE_CONNECT_STRING'),
    user: setting('ORACLE_USER'),
    password: setting('ORACLE_PASSWORD'),
  };
  const connection = new OracleConnection({
    login: async () => login,
    size: 1,
    timeout: 60_000,
  });
  const print = (statement: string) => console.log(`${statement};\n`);
  if (values['dry-run'] === true) {
    const actions = await planned(connection, subjects, user);
    for (const { statement } of actions) print(statement);
    console.log(actions.length === 0 ? READY : 'Nothing was changed: a dry run.');
  } else {
    await upgrade(connection, subjects, user, print);
    console.log(READY);
  }
  await connection.close();
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set. See --help`);
  return value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
