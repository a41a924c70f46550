/** Runs a statement once for every row of binds, in a transaction that a failing statement does not end. */
import type { EngineSession, Result, Value } from './engine.ts';
import { fromPostgres, OraError } from './ora.ts';
import { type Statement, textFor } from './sql/translate.ts';

export interface Executed {
  /** Of every row that was run: rows affected. A row that failed has none. */
  readonly rowCounts: readonly number[];
  readonly failures: readonly { readonly row: number; readonly error: OraError }[];
  readonly results: readonly Result[];
}

export class Transactions {
  readonly #engine: EngineSession;
  open = false;

  constructor(engine: EngineSession) {
    this.#engine = engine;
  }

  /** A query, outside of a transaction unless one is open. */
  async query(
    statement: Statement,
    casts: readonly (string | null)[],
    row: readonly Value[],
  ): Promise<Result> {
    const text = textFor(statement, casts);
    if (!this.open) return this.#engine.run(text, row).catch(refused);
    return this.#kept(() => this.#engine.run(text, row));
  }

  /** @param tolerant go on after rows that fail, and tell of them; else the first failure ends it, by an exception. */
  async change(
    statement: Statement,
    casts: readonly (string | null)[],
    rows: readonly (readonly Value[])[],
    tolerant: boolean,
  ): Promise<Executed> {
    const text = textFor(statement, casts);
    const begun = !this.open;
    if (begun) await this.#engine.begin();
    this.open = true;
    try {
      return await this.#rows(rows, (row) => this.#one(statement, text, row), tolerant);
    } catch (error) {
      // Nothing of a first statement that failed is left, so no transaction is either.
      if (begun) await this.rollback();
      throw error;
    }
  }

  async #rows(
    rows: readonly (readonly Value[])[],
    run: (row: readonly Value[]) => Promise<Result>,
    tolerant: boolean,
  ): Promise<Executed> {
    const orFailure = (error: unknown) => {
      if (error instanceof OraError) return error;
      throw error;
    };
    // All at once first: savepoints around every row cost more than the rows. A row that is there already is Oracle's
    // failure and not PostgreSQL's, so it breaks nothing.
    const together = await this.#kept(() =>
      collected(rows, (row) => run(row).catch(orFailure), tolerant),
    ).catch(orFailure);
    if (!(together instanceof OraError)) return together;
    if (rows.length === 1 && !tolerant) throw together;
    return collected(rows, (row) => this.#kept(() => run(row)).catch(orFailure), tolerant);
  }

  async define(statement: Statement): Promise<void> {
    await this.commit();
    await this.#engine.run(textFor(statement, []), []).catch(refused);
  }

  async commit(): Promise<void> {
    if (this.open) await this.#engine.commit().catch(refused);
    this.open = false;
  }

  async rollback(): Promise<void> {
    if (this.open) await this.#engine.rollback().catch(refused);
    this.open = false;
  }

  /** In PostgreSQL a failure breaks the transaction, in Oracle only the statement. */
  async #kept<R>(act: () => Promise<R>): Promise<R> {
    await this.#engine.run('SAVEPOINT statement', []);
    try {
      const result = await act();
      await this.#engine.run('RELEASE SAVEPOINT statement', []);
      return result;
    } catch (error) {
      await this.#engine.run('ROLLBACK TO SAVEPOINT statement', []);
      return refused(error);
    }
  }

  /** Insertions are told to do nothing about what is there already, which Oracle calls a failure. */
  async #one(statement: Statement, text: string, row: readonly Value[]): Promise<Result> {
    const result = await this.#engine.run(text, row);
    if (statement.kind === 'insert' && result.affected === 0)
      throw new OraError(1, 'unique constraint violated');
    return result;
  }
}

const NOTHING: Result = { fields: [], rows: [], affected: 0 };

/** Row after row, to the first failure or, where they are tolerated, to the end. */
async function collected(
  rows: readonly (readonly Value[])[],
  attempt: (row: readonly Value[]) => Promise<Result | OraError>,
  tolerant: boolean,
): Promise<Executed> {
  const results: Result[] = [];
  const failures: { row: number; error: OraError }[] = [];
  for (const [index, row] of rows.entries()) {
    const result = await attempt(row);
    if (!(result instanceof OraError)) results.push(result);
    else if (!tolerant) throw result;
    else {
      failures.push({ row: index, error: result });
      results.push(NOTHING);
    }
  }
  return { results, failures, rowCounts: results.map(({ affected }) => affected) };
}

function refused(error: unknown): never {
  throw fromPostgres(error);
}
