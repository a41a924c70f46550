/** The rows of a batch of documents in the tables of projections, in the transaction that has written their own rows: a few statements a table, whatever the number of documents. */
import type oracledb from 'oracledb';
import type { Projected, Projection } from '../../projection/projection.ts';
import { deleteProjected, insertProjected, isMerged, mergeProjected } from './projected.ts';
import { stepsOf } from './projecting.ts';
import type { Statement } from './statements.ts';

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
  for (const [at, projection] of projections.entries()) {
    const given = documents.map(({ key, projected, isNew }, document) => ({
      ...{ key, isNew, document, rows: projected[at]?.rows ?? [] },
    }));
    const merges = isMerged(projection);
    const ofEach = async (statements: readonly Owned[]) => {
      for (const [document, error] of await manySteps(session, projection, statements))
        if (!errors.has(document)) errors.set(document, { table: projection.table, error });
    };
    const isReplaced = ({ isNew, rows }: (typeof given)[number]) => !isNew && !(merges && rows.length > 0);
    const isMergedInto = ({ isNew, rows }: (typeof given)[number]) => !isNew && merges && rows.length > 0;
    await ofEach(
      given.filter(isReplaced).map((each) => ({ ...each, statement: deleteProjected(projection, each.key) })),
    );
    await ofEach(
      given
        .filter(isMergedInto)
        .flatMap((each) =>
          each.rows.map((row) => ({ ...each, statement: mergeProjected(projection, each.key, row) })),
        ),
    );
    await ofEach(
      given
        .filter((each) => !isMergedInto(each))
        .flatMap((each) =>
          each.rows.map((row) => ({ ...each, statement: insertProjected(projection, each.key, row) })),
        ),
    );
  }
  return errors;
}

interface Owned {
  readonly document: number;
  readonly statement: Statement;
}

/** Goes on after rows that Oracle refuses. */
async function manySteps(
  session: oracledb.Connection,
  projection: Projection,
  owned: readonly Owned[],
): Promise<ReadonlyMap<number, Error>> {
  const errors = new Map<number, Error>();
  let first = 0;
  for (const { text, rows, types } of stepsOf(
    projection,
    owned.map(({ statement }) => statement),
  )) {
    const options = { bindDefs: types as Record<string, oracledb.BindDefinition>, batchErrors: true };
    const { batchErrors = [] } = await session.executeMany(text, rows as oracledb.BindParameters[], options);
    for (const error of batchErrors) {
      const document = owned[first + Number(error.offset)]?.document;
      if (document !== undefined && !errors.has(document)) errors.set(document, error);
    }
    first += rows.length;
  }
  return errors;
}
