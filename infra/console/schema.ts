/** `schema`: creates and upgrades the tables in Oracle, or prints how, as deployments do by themselves. */
import { type Command, Option } from 'commander';
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import { READINGS } from '../../functions/stores/load.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import type { OracleLogin } from '../../functions/stores/oracle/login.ts';
import { revoked } from '../../functions/stores/oracle/revoke.ts';
import { LOGINS } from '../../functions/stores/oracle/rights.ts';
import { oneUser, type Subject, type Users, withoutOwner } from '../../functions/stores/oracle/schema.ts';
import { actions, planned, upgrade } from '../../functions/stores/oracle/upgrade.ts';
import type { CheckedSettings } from '../settings.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';
import { grantsOf } from './told/load.ts';
import { viewsOf } from './views.ts';
import { alsoOption, tablesIn, watchOption, watchSql } from './watch_sql.ts';

const MORE = `
The tables and columns are those of infra/crossfade.config.ts. ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD say
which database; the user must own the tables. A dry run without them prints all that an empty database is given, and
needs no database. Where the database has a certificate of an authority of your own, NODE_EXTRA_CA_CERTS names a file with it.
A deployment grants to the users of the secrets deployment.secrets.oracle, oracleWork and oracleControl, where they are not the owner. To revoke, name
the same users, and do it once no function of a version before runs: it may need what is taken back.`;

/** @param read the settings; those that are shipped if there is none. */
export function addSchema(program: Command, open: Open, read = shippedSettings): void {
  program
    .command('schema')
    .description('create the control tables and those of the configuration, or bring them to this version')
    .option('--dry-run', 'print the statements, and change nothing')
    .addOption(user('--grant-to <user>', 'one user for all functions: grant it what all of them need'))
    .addOption(user('--serve <user>', 'the user that the API logs in as'))
    .addOption(user('--work <user>', 'the user of the workers and of the reconciler'))
    .addOption(user('--control <user>', 'the user of the controller and of operators’ commands'))
    .option('--views <collection>', 'print views over its tables for SQL, and change nothing')
    .option('--revoke', 'take back what these users may do beyond what they need')
    .addOption(watchOption())
    .addOption(alsoOption())
    .addHelpText('after', MORE)
    .action(async (asked: Asked) => {
      const { dryRun = false, revoke = false } = asked;
      if (asked.views !== undefined) return showViews(open(), asked.views, await read());
      const login = ownerIn(process.env);
      const users = usersIn(asked, login?.user);
      requireSense(asked, users, login);
      const { configuration } = await read();
      if (asked.watchSql !== undefined)
        return watchSql(open(), tablesIn(configuration), {
          ...{ on: asked.watchSql === 'on', users, also: asked.also ?? [] },
          ...{ dryRun, login },
        });
      const subjects = subjectsOf(configuration);
      const left: string[] = [];
      const statements =
        login === null
          ? actions(subjects, null, users).map(({ statement }) => statement)
          : await applied(login, subjects, {
              ...{ users, dryRun, revoke, leave: (statement: string) => void left.push(statement) },
            });
      open().show({ statements, ...(left.length > 0 && { left }) }, [
        ...statements.map((text) => `${text};\n`),
        ...leftOver(left),
        ...done(login, users, dryRun),
        ...statistics(subjects),
      ]);
    });
}

function showViews(terminal: ReturnType<Open>, name: string, { configuration }: CheckedSettings): void {
  const { statements, lines } = viewsOf(configuration, name);
  terminal.show({ statements }, lines);
}

function user(flags: string, description: string): Option {
  // Oracle keeps names so, and a deployment grants to this one.
  return new Option(flags, description).argParser((name) => name.toUpperCase());
}

/** The owner of the tables is granted nothing. */
function usersIn({ grantTo, serve, work, control }: Asked, owner: string | undefined): Users {
  const named = Object.entries({ serve, work, control }).filter((each) => each[1] !== undefined);
  const users: Users = { ...(grantTo !== undefined && oneUser(grantTo)), ...Object.fromEntries(named) };
  return owner === undefined ? users : withoutOwner(users, owner);
}

/** Throws where the command could not do what is asked. */
function requireSense(
  { dryRun, revoke, watchSql: watch, also }: Asked,
  users: Users,
  login: OracleLogin | null,
): void {
  if (watch === 'on' && LOGINS.some((each) => users[each] === undefined))
    throw new BadCommand(
      'WATCH_NEEDS_LOGINS: a trigger tells changes by others from those of the functions by their users: name the users of all functions, none of them the owner ' +
        'of the tables: --grant-to USER, or --serve, --work and --control',
    );
  if (also !== undefined && watch !== 'on')
    throw new BadCommand('--also names more users for --watch-sql on: leave it out, or run that command');
  if (watch !== undefined && revoke)
    throw new BadCommand('--watch-sql does nothing else: run the command once more for --revoke');
  if (revoke && (login === null || LOGINS.some((each) => users[each] === undefined)))
    throw new BadCommand(
      '--revoke looks at what was granted in the database: set ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD, and name the users of all functions, ' +
        'none of them the owner: --grant-to USER, or --serve, --work and --control',
    );
  if (login === null && !dryRun)
    throw new BadCommand(
      'The database is not known: set ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD, or add --dry-run',
    );
}

interface Asked {
  readonly views?: string;
  readonly dryRun?: boolean;
  readonly revoke?: boolean;
  readonly watchSql?: 'on' | 'off';
  readonly also?: readonly string[];
  readonly grantTo?: string;
  readonly serve?: string;
  readonly work?: string;
  readonly control?: string;
}

/** As comments of SQL, so that all that is printed can be run. */
function done(login: OracleLogin | null, users: Users, dryRun: boolean): string[] {
  // The API reads none of these views.
  const readers = [...new Set([users.work, users.control])].filter((name) => name !== undefined);
  const grants =
    Object.keys(users).length === 0
      ? [
          '-- Nothing is granted: name the users of the functions, with --serve, --work and --control, or one for all of them with --grant-to.',
        ]
      : readers.flatMap((name) => [
          `-- Optional, by a DBA, so that a database that was restored is noticed: GRANT SELECT ON V_$DATABASE TO ${name};`,
          '-- Optional, by a DBA, so that backfills, copy-backs and verifications pause while Oracle is under load:',
          ...grantsOf(READINGS, name).map((grant) => `-- ${grant}`),
        ]);
  if (!dryRun) return [...grants, '-- The tables are as they should be.'];
  const from = login === null ? 'an empty database' : `the database of ${login.user} as it is`;
  return [...grants, `-- Nothing was changed: a dry run, for ${from}.`];
}

function leftOver(statements: readonly string[]): string[] {
  if (statements.length === 0) return [];
  return [
    '-- INDEX_LEFT: not executed, since the table has 100,000 rows or more, and everything works without it, only slower. Writes go on while it is built;',
    '-- in Standard Edition leave ONLINE out, at an hour without writes:',
    ...statements.map((text) => `-- ${text};`),
  ];
}

/** The tables are created empty: a job at night may note that they have no rows, and Oracle plans for that until it looks again. */
function statistics(subjects: readonly Subject[]): string[] {
  const tables = subjects.map(({ name }) => name).filter((name) => !/^CROSSFADE|[./]/.test(name));
  return [
    '-- After each backfill, as the owner of the tables, so that Oracle knows how many rows there are:',
    ...tables.map((name) => `-- BEGIN DBMS_STATS.GATHER_TABLE_STATS(USER, '${name}'); END;`),
  ];
}

interface Applying {
  readonly users: Users;
  readonly dryRun: boolean;
  readonly revoke: boolean;
  readonly leave: (statement: string) => void;
}

/** @returns the statements that were executed, or would be. */
async function applied(
  login: OracleLogin,
  subjects: readonly Subject[],
  { users, dryRun, revoke, leave }: Applying,
): Promise<string[]> {
  const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
  try {
    const statements: string[] = [];
    if (dryRun)
      statements.push(...(await planned(connection, subjects, users)).map(({ statement }) => statement));
    else await upgrade(connection, subjects, users, (statement) => statements.push(statement), { leave });
    if (revoke) statements.push(...(await revoked(connection, subjects, users, dryRun)));
    return statements;
  } finally {
    await connection.close();
  }
}

/** Loaded only where they are wanted: all that the CDK brings along takes its time. */
export async function shippedSettings(): Promise<CheckedSettings> {
  const [{ default: settings }, { checkSettings }] = await Promise.all([
    import('../crossfade.config.ts'),
    import('../settings.ts'),
  ]);
  return checkSettings(settings, 'infra/crossfade.config.ts');
}

/** The owner's login; null where none is given. Throws where only part of it is. */
export function ownerIn(environment: NodeJS.ProcessEnv): OracleLogin | null {
  const names = ['ORACLE_CONNECT_STRING', 'ORACLE_USER', 'ORACLE_PASSWORD'] as const;
  const missing = names.filter((name) => (environment[name] ?? '') === '');
  if (missing.length === names.length) return null;
  if (missing.length > 0) throw new BadCommand(`${missing.join(' and ')}: not set. See --help`);
  const [connectString = '', user = '', password = ''] = names.map((name) => environment[name]);
  return { connectString, user, password };
}
