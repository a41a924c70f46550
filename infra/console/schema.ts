/** `schema`: creates and upgrades the tables in Oracle, or prints how. Deployments do it by themselves. */
import type { Command } from 'commander';
import { OracleConnection, type OracleLogin } from '../../functions/stores/oracle/connection.ts';
import { CONTROL, collectionSubjects } from '../../functions/stores/oracle/schema.ts';
import { planned, upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';

const MORE = `
ORACLE_CONNECT_STRING, ORACLE_USER and ORACLE_PASSWORD say where; the user must own the tables.`;

export function addSchema(program: Command, open: Open): void {
  program
    .command('schema')
    .description('creates the control tables and those of collections, or brings them to this version')
    .argument('<table...>', 'the tables of collections')
    .option('--dry-run', 'print the statements, and change nothing')
    .option('--grant-to <user>', 'let this user read and write them: the one that the functions log in as')
    .addHelpText('after', MORE)
    .action(async (tables: string[], asked: Asked) => {
      const login = ownerIn(process.env);
      if (login === null) throw new BadCommand('Where is Oracle? See --help');
      const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
      try {
        const statements = await applied(connection, tables, asked);
        const done =
          asked.dryRun === true ? 'Nothing was changed: a dry run.' : 'The tables are as they should be.';
        open().show({ statements }, [...statements.map((text) => `${text};\n`), done]);
      } finally {
        await connection.close();
      }
    });
}

interface Asked {
  readonly dryRun?: boolean;
  readonly grantTo?: string;
}

/** @returns the statements that were executed, or would be. */
async function applied(
  connection: OracleConnection,
  tables: readonly string[],
  { dryRun = false, grantTo }: Asked,
): Promise<string[]> {
  const subjects = [CONTROL, ...tables.flatMap((name) => collectionSubjects({ name, columns: [] }))];
  const user = grantTo ?? null;
  if (dryRun) return (await planned(connection, subjects, user)).map(({ statement }) => statement);
  const statements: string[] = [];
  await upgrade(connection, subjects, user, (statement) => statements.push(statement));
  return statements;
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
