/** Brings the tables to where this code needs them. Can be run again, and by two at once: what is there stays. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { isUniqueViolation, oraNumber } from './failure.ts';
import { grants, type PlannedStep, plan, SCHEMA_TABLE, type Subject } from './schema.ts';

/** "There already": a table or index, a column, an index on these columns. */
const ALREADY = new Set([955, 1430, 1408]);
const NO_TABLE = 942;

/** What would be done, without doing it. */
export async function planned(
  connection: OracleConnection,
  subjects: readonly Subject[],
): Promise<PlannedStep[]> {
  return plan(subjects, await versionsOf(connection));
}

/**
 * Does it, as the owner of the tables.
 * @param user who runs the functions, if that is somebody else.
 * @param tell is told every statement before it is executed.
 */
export async function upgrade(
  connection: OracleConnection,
  subjects: readonly Subject[],
  user: string | null,
  tell: (statement: string) => void,
): Promise<void> {
  const steps = await planned(connection, subjects);
  const run = async (statement: string) => {
    tell(statement);
    await define(connection, statement);
  };
  if (steps.length > 0) await define(connection, SCHEMA_TABLE);
  for (const { subject, version, statements } of steps) {
    for (const statement of statements) await run(statement);
    await record(connection, subject, version);
  }
  for (const statement of grants(subjects, user)) await run(statement);
}

async function versionsOf(connection: OracleConnection): Promise<ReadonlyMap<string, number>> {
  return connection.use(target('read'), false, async (session) => {
    try {
      const { rows } = await session.execute<[string, number]>(
        'SELECT subject, version FROM CROSSFADE_SCHEMA',
      );
      return new Map(rows);
    } catch (error) {
      if (oraNumber(error) === NO_TABLE) return new Map();
      throw error;
    }
  });
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
    try {
      await session.execute(insert, { subject, version }, committed);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      await session.execute(update, { version, subject, least: version }, committed);
    }
  };
  return connection.use(target('upgrade'), true, change);
}

function target(operation: string): Target {
  return { store: 'oracle', operation, collection: 'CROSSFADE_SCHEMA', key: null };
}
