/** Brings the tables to where this code needs them. Can be run again, and by two at once: what is there stays. */
import type oracledb from 'oracledb';
import { OperatorNeeded, type Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { isNoTable, oraNumber } from './failure.ts';
import { requireLikeOurs } from './found_tables.ts';
import { hasIndex } from './has_index.ts';
import { inserted } from './inserted.ts';
import { requireReleases } from './required_release.ts';
import {
  type Ahead,
  aheadOf,
  grants,
  leastOf,
  plan,
  SCHEMA_TABLE,
  type Subject,
  type Users,
} from './schema.ts';

/** "There already": a table or index, a column, an index on these columns. */
const ALREADY = new Set([955, 1430, 1408]);
const NO_COLUMN = 904;
/** The only character set that holds every key and every body as it is. */
const CHARACTER_SET = 'AL32UTF8';

/** From so many rows on, an index is not built in passing. */
const MANY = 100_000;

export interface Leaving {
  /** Is told every statement that is left to the owner of the tables, since the table has many rows. */
  readonly leave?: (statement: string) => void;
  readonly many?: number;
}

export interface Action {
  readonly statement: string;
  /** The step of which this is the last statement. */
  readonly completes: { readonly subject: string; readonly version: number } | null;
  /** The step of which this is a statement, where code that does not know the step may not run from here on. */
  readonly breaks?: { readonly subject: string; readonly version: number };
  /** The table that it makes faster, and that works without it. */
  readonly speeds?: string;
}

/**
 * All that `upgrade` would execute now, in its order. Throws `OperatorNeeded` for a database that would mangle keys, or whose tables are not
 * as they have to be, and an error for one that this code cannot work with.
 * @param users the logins of the functions, but for those of the owner of the tables.
 */
export async function planned(
  connection: OracleConnection,
  subjects: readonly Subject[],
  users: Users | null,
): Promise<Action[]> {
  await requireCharacterSet(connection);
  const recorded = await versionsOf(connection);
  const versions = recorded && (await withoutDropped(connection, subjects, recorded));
  const all = actions(subjects, versions, users);
  await requireReleases(connection, subjects, versions ?? new Map());
  await requireLikeOurs(connection, subjects, versions ?? new Map());
  return all;
}

/** The same without a database. @param versions where each subject stands; null before the first upgrade. */
export function actions(
  subjects: readonly Subject[],
  versions: ReadonlyMap<string, number> | null,
  users: Users | null,
): Action[] {
  const alone = (statement: string): Action => ({ statement, completes: null });
  const steps = plan(subjects, versions ?? new Map()).flatMap(
    ({ subject, version, statements, breaks, speeds }) =>
      statements.map((statement, index) => ({
        statement,
        completes: index === statements.length - 1 ? { subject, version } : null,
        ...(breaks ? { breaks: { subject, version } } : {}),
        ...(speeds !== undefined && { speeds }),
      })),
  );
  const first = versions === null ? [alone(SCHEMA_TABLE)] : [];
  return [...first, ...steps, ...grants(subjects, users).map(alone)];
}

/**
 * Does it, as the owner of the tables.
 * @param tell is told every statement before it is executed.
 * @returns what is ahead of this code, and was left as it is.
 */
export async function upgrade(
  connection: OracleConnection,
  subjects: readonly Subject[],
  users: Users | null,
  tell: (statement: string) => void,
  { leave = () => {}, many = MANY }: Leaving = {},
): Promise<Ahead[]> {
  for (const { statement, completes, breaks, speeds } of await planned(connection, subjects, users)) {
    // Before the statement: it may have taken effect although its answer never came.
    if (breaks !== undefined) await record(connection, leastOf(breaks.subject), breaks.version);
    if (speeds === undefined) {
      tell(statement);
      await define(connection, statement);
    } else if (!(await sped(connection, speeds, statement, { tell, many }))) {
      leave(statement);
      continue;
    }
    if (completes === null) continue;
    await record(connection, completes.subject, completes.version);
    for (const { name, steps } of subjects.filter(({ within }) => within === completes.subject))
      await record(connection, name, steps.length);
  }
  return aheadOf(subjects, (await versionsOf(connection)) ?? new Map());
}

/** An edition that builds no index online: Standard Edition. */
const NOT_LICENSED = 439;

/** Whether an index is there, or was made. */
async function sped(
  connection: OracleConnection,
  table: string,
  statement: string,
  { tell, many }: { readonly tell: (statement: string) => void; readonly many: number },
): Promise<boolean> {
  const [index = ''] = /(?<=^CREATE INDEX )\S+/.exec(statement) ?? [];
  if (await hasIndex(connection, table, index)) return true;
  if (await hasManyRows(connection, table, many)) return false;
  tell(statement);
  try {
    await define(connection, statement);
  } catch (error) {
    if (!(error instanceof Error && oraNumber(error.cause) === NOT_LICENSED)) throw error;
    // A table of so few rows is locked for a moment.
    await define(connection, statement.replace(/ ONLINE$/, ''));
  }
  return true;
}

function hasManyRows(connection: OracleConnection, table: string, many: number): Promise<boolean> {
  const query = `SELECT COUNT(*) FROM (SELECT doc_key FROM ${table} WHERE ROWNUM <= :most)`;
  return connection.use(target('preflight'), false, async (session) => {
    const { rows } = await session.execute<[number]>(query, { most: many });
    return Number(rows?.[0]?.[0] ?? 0) >= many;
  });
}

async function requireCharacterSet(connection: OracleConnection): Promise<void> {
  const reading = target('preflight');
  const query = "SELECT value FROM NLS_DATABASE_PARAMETERS WHERE parameter = 'NLS_CHARACTERSET'";
  const found = await connection.use(
    reading,
    false,
    async (session) => (await session.execute<[string]>(query)).rows?.[0]?.[0],
  );
  if (found !== CHARACTER_SET)
    throw new OperatorNeeded(
      reading,
      `the database keeps text as ${found}, which cannot hold every key. Use one whose character set is ${CHARACTER_SET}`,
    );
}

/** Where each subject stands; null before the first upgrade. */
async function versionsOf(connection: OracleConnection): Promise<ReadonlyMap<string, number> | null> {
  return connection.use(target('read'), false, async (session) => {
    try {
      const { rows } = await session.execute<[string, number]>(
        'SELECT subject, version FROM CROSSFADE_SCHEMA',
      );
      return new Map(rows);
    } catch (error) {
      if (isNoTable(error)) return null;
      throw error;
    }
  });
}

/**
 * The same without columns that were dropped since they were added: the record of the steps does not know of that, and the step that adds a
 * column is executed again. Throws `OperatorNeeded` where the table itself was dropped: no empty one may take its place.
 */
async function withoutDropped(
  connection: OracleConnection,
  subjects: readonly Subject[],
  versions: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const left = new Map(versions);
  for (const { name, within } of subjects) {
    const [table = '', column] = name.split('.');
    if (column === undefined || !left.has(name)) continue;
    if (!(await hasColumn(connection, table, column, within !== undefined))) left.delete(name);
  }
  return left;
}

function hasColumn(
  connection: OracleConnection,
  table: string,
  column: string,
  isProjection: boolean,
): Promise<boolean> {
  const reading = target('preflight');
  return connection.use(reading, false, async (session) => {
    try {
      await session.execute(`SELECT ${column} FROM ${table} WHERE 1 = 0`);
      return true;
    } catch (error) {
      if (oraNumber(error) === NO_COLUMN) return false;
      if (!isNoTable(error)) throw error;
      throw new OperatorNeeded(
        reading,
        `CROSSFADE_SCHEMA says that the table ${table} was created, and it is not there: it was dropped or renamed. Bring it back ` +
          `(FLASHBACK TABLE … TO BEFORE DROP, or a backup)${isProjection ? orAnew(table) : ONLY_COPY}`,
      );
    }
  });
}

const ONLY_COPY = ': no empty table is created in its place, since it may have been the only copy';

/** The table of a projection holds copies. */
function orAnew(table: string): string {
  return (
    `, or have it made anew, without rows: DELETE FROM CROSSFADE_SCHEMA WHERE subject = '${table}' OR subject LIKE '${table}.%' OR subject LIKE '${table}/%', then deploy; ` +
    'a verification by content with --repair puts the rows in'
  );
}

function define(connection: OracleConnection, statement: string): Promise<void> {
  return connection.use(target('upgrade'), true, async (session) => {
    try {
      await session.execute(statement);
    } catch (error) {
      if (!ALREADY.has(oraNumber(error) ?? 0)) throw error;
    }
  });
}

function record(connection: OracleConnection, subject: string, version: number): Promise<void> {
  const insert = 'INSERT INTO CROSSFADE_SCHEMA (subject, version) VALUES (:subject, :version)';
  const update =
    'UPDATE CROSSFADE_SCHEMA SET version = :version WHERE subject = :subject AND version < :least';
  const committed = { autoCommit: true };
  const change = async (session: oracledb.Connection) => {
    if (!(await inserted(session, insert, { subject, version })))
      await session.execute(update, { version, subject, least: version }, committed);
  };
  return connection.use(target('upgrade'), true, change);
}

function target(operation: string): Target {
  return { store: 'oracle', operation, collection: 'CROSSFADE_SCHEMA', key: null };
}
