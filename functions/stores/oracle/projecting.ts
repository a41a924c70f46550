/**
 * The rows of one document in the tables of projections, in the transaction that writes its own row:
 * 1. The document's row is written, which locks it. 2. Rows of before are deleted or replaced. 3. New ones are inserted. 4. The last statement commits.
 */
import type oracledb from 'oracledb';
import type { Projected, Projection } from '../../projection/projection.ts';
import { mayTake } from '../../projection/takes.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { failureOf, isUniqueViolation } from './failure.ts';
import { presentIn } from './projected.ts';
import {
  deletion,
  insertion,
  isMerged,
  merging,
  messagesOf,
  type Row,
  type RowStatement,
} from './row_statements.ts';
import type { Filled, Table } from './table.ts';

/** A statement for several rows, in one message. */
interface Step {
  readonly statement: RowStatement;
  readonly rows: readonly Row[];
}

/** Rows of one document, for the tables of projections. */
export interface Placed extends Pick<Filled, 'projected'> {
  readonly target: Target & { readonly key: string };
  /** Whether its row is inserted, so that no table should have rows of its key. */
  readonly isNew: boolean;
  /** Whether the last statement commits; else the caller does. */
  readonly commits: boolean;
}

/**
 * Writes the row of a document, and its rows in the tables of projections, in one transaction.
 * @param write executes the statement of its own row with these options; gives false or null where it has changed nothing.
 */
export async function writeWith<T>(
  session: oracledb.Connection,
  { projections }: Pick<Table, 'projections'>,
  placed: Placed,
  write: (options: { readonly autoCommit: boolean }) => Promise<T>,
): Promise<T> {
  const { isNew, target, commits } = placed;
  // Of a key that a projection never takes its table has no rows, whatever the document was before.
  const given = givenBy(projections, placed).filter(
    ({ projection, rows }) => rows.length > 0 || mayTake(projection.where, target.key),
  );
  const isAlone = isNew ? given.every(({ rows }) => rows.length === 0) : given.length === 0;
  const written = await write({ autoCommit: isAlone && commits });
  if (isAlone || written === false || written === null) return written;
  try {
    await placeGiven(session, given, placed);
    return written;
  } catch (error) {
    // Not left to the pool, which does not wait for it: a second attempt would wait for the first one's locks.
    await session.rollback().catch(() => {});
    throw error;
  }
}

/**
 * Puts the rows that a document gives in the place of those that are there, in each table, also where none should be. Its own row is locked by the
 * transaction. Throws `PoisonDocument` with the name of the table that refuses a row, and what the driver throws.
 */
export function placeRows(
  session: oracledb.Connection,
  projections: readonly Projection[],
  placed: Placed,
): Promise<void> {
  return placeGiven(session, givenBy(projections, placed), placed);
}

function givenBy(projections: readonly Projection[], { projected }: Pick<Placed, 'projected'>): Given[] {
  return projections.map((projection, at) => ({ projection, rows: projected[at]?.rows ?? [] }));
}

async function placeGiven(
  session: oracledb.Connection,
  given: readonly Given[],
  { target, isNew, commits }: Placed,
): Promise<void> {
  const replace = async () => run(session, await replacing(session, target.key, given), commits);
  try {
    if (!isNew) return await replace();
    await run(session, inserting(target.key, given), commits).catch((error: Refused) => {
      if (!isUniqueViolation(error.cause)) throw error;
      // Somebody has left rows of a document that was not there: they go. Where another document has the values, it is refused again.
      return replace();
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const failure = failureOf(error.cause, { ...target, collection: error.table }, true);
    throw failure instanceof PoisonDocument ? failure : error.cause;
  }
}

/** A statement on a table has failed. */
class Refused extends Error {
  readonly table: string;

  constructor(table: string, cause: unknown) {
    super(table, { cause });
    this.table = table;
  }
}

interface Given {
  readonly projection: Projection;
  readonly rows: Projected['rows'];
}

/** Rows of the key are in these tables, or may be. Where a document gives none to several, they are asked first: most documents are of one type all their life. */
async function replacing(
  session: oracledb.Connection,
  key: string,
  given: readonly Given[],
): Promise<Step[]> {
  const without = given.filter(({ rows }) => rows.length === 0).map(({ projection }) => projection);
  const left = without.length < 2 ? without : await present(session, without, key);
  return [
    ...left.map((projection) => deleting(projection, key)),
    ...given.flatMap(({ projection, rows }) => {
      if (rows.length === 0) return [];
      if (isMerged(projection)) return stepsOf(merging(projection), key, rows);
      return [deleting(projection, key), ...stepsOf(insertion(projection), key, rows)];
    }),
  ];
}

function inserting(key: string, given: readonly Given[]): Step[] {
  return given.flatMap(({ projection, rows }) => stepsOf(insertion(projection), key, rows));
}

function deleting(projection: Projection, key: string): Step {
  const statement = deletion(projection);
  return { statement, rows: [statement.bind(key)] };
}

function stepsOf(statement: RowStatement, key: string, given: Projected['rows']): Step[] {
  return messagesOf(given.map((row) => statement.bind(key, row))).map((rows) => ({ statement, rows }));
}

async function present(
  session: oracledb.Connection,
  projections: readonly Projection[],
  key: string,
): Promise<Projection[]> {
  const { text, binds } = presentIn(projections, key);
  const { rows = [] } = await session.execute<[number]>(text, binds as oracledb.BindParameters);
  const found = new Set(rows.map(([at]) => Number(at)));
  return projections.filter((_, at) => found.has(at));
}

async function run(session: oracledb.Connection, steps: readonly Step[], commits: boolean): Promise<void> {
  for (const [at, { statement, rows }] of steps.entries()) {
    const options = { bindDefs: statement.typesOf(rows), autoCommit: commits && at === steps.length - 1 };
    await session
      .executeMany(statement.text, rows as oracledb.BindParameters[], options)
      .catch((error: unknown) => {
        throw new Refused(statement.table, error);
      });
  }
  if (commits && steps.length === 0) await session.commit();
}
