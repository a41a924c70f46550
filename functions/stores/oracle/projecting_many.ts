/** The rows of a batch of documents in the tables of projections, in the transaction that has written their own rows: a few statements a table, whatever the number of documents. */
import type oracledb from 'oracledb';
import type { Projected, Projection } from '../../projection/projection.ts';
import { mayTake } from '../../projection/takes.ts';
import {
  deletion,
  insertion,
  isMerged,
  merging,
  messagesOf,
  type Row,
  type RowStatement,
} from './row_statements.ts';

export interface WrittenDocument {
  readonly key: string;
  readonly projected: readonly Projected[];
  /** Whether no table should have rows of it. */
  readonly isNew: boolean;
}

/** What Oracle has said of a row. */
export interface RowError {
  readonly table: string;
  readonly error: Error;
}

/** In the order of the documents, so that two batches lock rows in the same order. @returns of documents that have a row which Oracle refuses, by their places. */
export async function placeManyRows(
  session: oracledb.Connection,
  projections: readonly Projection[],
  documents: readonly WrittenDocument[],
): Promise<ReadonlyMap<number, RowError>> {
  const errors = new Map<number, RowError>();
  for (const [at, projection] of projections.entries())
    for (const { statement, rows, owners } of statementsFor(projection, at, documents))
      for (const [row, error] of await runAll(session, statement, rows)) {
        const document = owners[row] ?? 0;
        if (!errors.has(document)) errors.set(document, { table: projection.table, error });
      }
  return errors;
}

/** A statement, its rows, and the place of the document that each of them is of. */
class Owned {
  readonly statement: RowStatement;
  readonly rows: Row[] = [];
  readonly owners: number[] = [];

  constructor(statement: RowStatement) {
    this.statement = statement;
  }

  add(document: number, row: Row): void {
    this.rows.push(row);
    this.owners.push(document);
  }
}

/** What was there goes first. @param at the place of the projection. */
function statementsFor(projection: Projection, at: number, documents: readonly WrittenDocument[]): Owned[] {
  const merges = isMerged(projection);
  const deleted = new Owned(deletion(projection));
  const merged = merges ? new Owned(merging(projection)) : null;
  const inserted = new Owned(insertion(projection));
  for (const [document, { key, projected, isNew }] of documents.entries()) {
    const rows = projected[at]?.rows ?? [];
    const into = !isNew && rows.length > 0 && merged !== null ? merged : inserted;
    if (!isNew && into === inserted && mayTake(projection.where, key))
      deleted.add(document, deleted.statement.bind(key));
    for (const row of rows) into.add(document, into.statement.bind(key, row));
  }
  return [deleted, ...(merged === null ? [] : [merged]), inserted];
}

/** Goes on after rows that Oracle refuses. */
async function runAll(
  session: oracledb.Connection,
  statement: RowStatement,
  all: readonly Row[],
): Promise<[row: number, error: Error][]> {
  const errors: [number, Error][] = [];
  let first = 0;
  for (const rows of messagesOf(all)) {
    const options = { bindDefs: statement.typesOf(rows), batchErrors: true };
    const result = await session.executeMany(statement.text, rows as oracledb.BindParameters[], options);
    for (const error of result.batchErrors ?? []) errors.push([first + Number(error.offset), error]);
    first += rows.length;
  }
  return errors;
}
