/** `schema --watch-sql`: the triggers that see what is changed by SQL, created or dropped as the owner of the tables. */
import { Option } from 'commander';
import type oracledb from 'oracledb';
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { OperatorNeeded, type Target } from '../../functions/stores/failure.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { isNotGranted, oraNumber } from '../../functions/stores/oracle/failure.ts';
import type { OracleLogin } from '../../functions/stores/oracle/login.ts';
import { LOGINS } from '../../functions/stores/oracle/rights.ts';
import type { Users } from '../../functions/stores/oracle/schema.ts';
import { dropWatch, enableWatch, watchTrigger } from '../../functions/stores/oracle/sql_watch.ts';
import { BadCommand } from './service.ts';
import type { Terminal } from './terminal.ts';

export interface Watching {
  readonly on: boolean;
  /** Who the functions log in as. */
  readonly users: Users;
  /** Other users that they may log in as one day: a password is best changed by two users in turn. */
  readonly also: readonly string[];
  readonly dryRun: boolean;
  /** Of the owner of the tables; null where the statements are only printed. */
  readonly login: OracleLogin | null;
}

export function watchOption(): Option {
  return new Option(
    '--watch-sql <on-or-off>',
    'create, or drop, the triggers that see what others than these users change in the tables of documents; nothing else is done',
  ).choices(['on', 'off']);
}

export function alsoOption(): Option {
  return new Option(
    '--also <user>',
    'with --watch-sql on: another user that functions may log in as, once a secret names it; may be given again',
  ).argParser((name: string, before: readonly string[] = []) => [...before, name.toUpperCase()]);
}

export function tablesIn({ collections }: Pick<Parsed, 'collections'>): string[] {
  return Object.values(collections).map(({ oracle: { table } }) => table);
}

export async function watchSql(
  terminal: Pick<Terminal, 'show'>,
  tables: readonly string[],
  { on, users, also, dryRun, login }: Watching,
): Promise<void> {
  const ours = [...new Set([...LOGINS.flatMap((each) => users[each] ?? []), ...also])];
  const statements = tables.flatMap((table) =>
    on ? [watchTrigger(table, ours), enableWatch(table)] : [dropWatch(table)],
  );
  if (login !== null && !dryRun) await execute(login, on ? { tables, users: ours } : null, statements);
  terminal.show({ statements }, [
    // A block of PL/SQL ends with a slash for SQL*Plus and its like; everything else with a semicolon.
    ...statements.map((text) => (text.endsWith('END;') ? `${text}\n/\n` : `${text};\n`)),
    login === null || dryRun
      ? '-- Nothing was changed: a dry run. Enable a trigger only where it was created without compilation errors.'
      : `-- ${on ? 'Created and enabled' : 'Dropped'} for ${tables.length} tables, as ${login.user}.`,
  ]);
}

/** There is no such trigger. */
const NO_TRIGGER = 4080;

const TARGET: Target = { store: 'oracle', operation: 'watch', collection: 'the tables', key: null };

interface Watched {
  readonly tables: readonly string[];
  readonly users: readonly string[];
}

/**
 * A name that is misspelt, or that of a user of before, would have the trigger take each write of the functions for one by SQL. Who may not change a table is no user of theirs.
 * Throws `BadCommand`. Where nobody was granted anything, nothing can be told.
 */
async function requireUsers(connection: OracleConnection, { tables, users }: Watched): Promise<void> {
  const query =
    "SELECT GRANTEE FROM ALL_TAB_PRIVS WHERE TABLE_SCHEMA = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND TABLE_NAME = :name AND PRIVILEGE = 'UPDATE'";
  for (const name of tables) {
    const { rows = [] } = await connection.use(TARGET, false, (session) =>
      session.execute<[string]>(query, { name }),
    );
    const granted = [...new Set(rows.map(([grantee]) => grantee))];
    const others = users.filter((user) => !granted.includes(user));
    if (granted.length > 0 && others.length > 0)
      throw new BadCommand(
        `WATCH_USER_UNKNOWN: ${others.join(' and ')} may not change ${name}, so no function logs in so, and each of its writes would count as one by SQL. Nothing was created. ` +
          `Name the users of the functions: ${granted.join(', ')} may change it. Where they may by a role, execute yourself what --dry-run prints`,
      );
  }
}

async function execute(
  login: OracleLogin,
  watched: Watched | null,
  statements: readonly string[],
): Promise<void> {
  const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
  try {
    if (watched !== null) await requireUsers(connection, watched);
    for (const text of statements)
      await connection.use(TARGET, true, async (session) => {
        const { warning } = await session.execute(text).catch((error: unknown): oracledb.Result<unknown> => {
          if (isNotGranted(error)) throw new OperatorNeeded(TARGET, refused(login.user), error);
          if (oraNumber(error) !== NO_TRIGGER) throw error;
          return {};
        });
        if (warning !== undefined) throw new OperatorNeeded(TARGET, NOT_COMPILED, warning);
      });
  } finally {
    await connection.close();
  }
}

const refused = (user: string) =>
  `${user} may not do it: it must own the tables, and needs the privilege CREATE TRIGGER. Grant it, and run the command again`;

const NOT_COMPILED =
  'WATCH_NOT_COMPILED: a trigger was created with compilation errors, and stays disabled, so no write fails. SELECT * FROM USER_ERRORS tells why. Bring the tables to ' +
  'this version first (npx crossfade schema), then run the command again; or drop the trigger: --watch-sql off';
