/** `schema`: creates and upgrades the tables in Oracle, or prints how, as deployments do by themselves. */
import { type Command, Option } from 'commander';
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import { READINGS } from '../../functions/stores/load.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import type { OracleLogin } from '../../functions/stores/oracle/login.ts';
import type { Subject } from '../../functions/stores/oracle/schema.ts';
import { actions, planned, upgrade } from '../../functions/stores/oracle/upgrade.ts';
import type { CheckedSettings } from '../settings.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';
import { grantsOf } from './told/load.ts';

const MORE = `
The tables and columns are those of infra/crossfade.config.ts. ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD say
which database; the user must own the tables. A dry run without them prints all that an empty database is given, and
needs no database. Where the database has a certificate of an authority of your own, NODE_EXTRA_CA_CERTS names a file with it.
A deployment grants to the user of the secret deployment.secrets.oracle, where that is not the owner.`;

/** @param read the settings; those that are shipped if there is none. */
export function addSchema(program: Command, open: Open, read = shippedSettings): void {
  program
    .command('schema')
    .description('create the control tables and those of the configuration, or bring them to this version')
    .option('--dry-run', 'print the statements, and change nothing')
    .addOption(
      new Option(
        '--grant-to <user>',
        'let this user read and write them: the one that the functions log in as',
      )
        // Oracle keeps names so, and a deployment grants to this one.
        .argParser((user) => user.toUpperCase()),
    )
    .addHelpText('after', MORE)
    .action(async ({ dryRun = false, grantTo }: Asked) => {
      const login = ownerIn(process.env);
      const user = grantTo === undefined || grantTo === login?.user.toUpperCase() ? null : grantTo;
      if (login === null && !dryRun)
        throw new BadCommand(
          'The database is not known: set ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD, or add --dry-run',
        );
      const subjects = subjectsOf((await read()).configuration);
      const left: string[] = [];
      const statements =
        login === null
          ? actions(subjects, null, user).map(({ statement }) => statement)
          : await applied(login, subjects, user, dryRun, (statement) => left.push(statement));
      open().show({ statements, ...(left.length > 0 && { left }) }, [
        ...statements.map((text) => `${text};\n`),
        ...leftOver(left),
        ...done(login, user, dryRun),
        ...statistics(subjects),
      ]);
    });
}

interface Asked {
  readonly dryRun?: boolean;
  readonly grantTo?: string;
}

/** As comments of SQL, so that all that is printed can be run. */
function done(login: OracleLogin | null, user: string | null, dryRun: boolean): string[] {
  const grants =
    user === null
      ? ['-- Nothing is granted: name the user of the functions with --grant-to USER.']
      : [
          `-- Optional, by a DBA, so that a database that was restored is noticed: GRANT SELECT ON V_$DATABASE TO ${user};`,
          '-- Optional, by a DBA, so that backfills, copy-backs and verifications pause while Oracle is under load:',
          ...grantsOf(READINGS, user).map((grant) => `-- ${grant}`),
        ];
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

/** @returns the statements that were executed, or would be. */
async function applied(
  login: OracleLogin,
  subjects: readonly Subject[],
  user: string | null,
  dryRun: boolean,
  leave: (statement: string) => void,
): Promise<string[]> {
  const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
  try {
    if (dryRun) return (await planned(connection, subjects, user)).map(({ statement }) => statement);
    const statements: string[] = [];
    await upgrade(connection, subjects, user, (statement) => statements.push(statement), { leave });
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
