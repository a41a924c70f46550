/** Runs a statement once for every row of binds, in a transaction that a failing statement does not end. */
import type { EngineSession, Result, Value } from './engine.ts';
import { Identity } from './identity.ts';
import { CANCELLED, fromPostgres, OraError, twice } from './ora.ts';
import { type Statement, textFor } from './sql/translate.ts';

export interface Executed {
  /** Of every row that was run: rows affected. A row that failed has none. */
  readonly rowCounts: readonly number[];
  readonly failures: readonly { readonly row: number; readonly error: OraError }[];
  readonly results: readonly Result[];
}

export class Transactions {
  readonly #engine: EngineSession;
  readonly #identity: Identity;
  open = false;
  /** What is undone if the client breaks off the call that it has no answer to yet. */
  #unanswered: 'nothing' | 'statement' | 'transaction' = 'nothing';
  /** Whether there is a savepoint from before the last statement. */
  #saved = false;
  /** What is unique of a table, for as long as the transaction lasts. */
  readonly #unique = new Map<string, string>();
  #running = false;
  #cancelled = false;

  constructor(engine: EngineSession, identity = new Identity({ any: false })) {
    this.#engine = engine;
    this.#identity = identity;
  }

  async #begin(): Promise<void> {
    await this.#engine.begin();
    this.open = true;
    await this.#identity.tell(this.#engine);
  }

  /** Breaks off the statement that runs, if one does. What has begun to commit goes on. */
  cancel(): void {
    this.#cancelled = true;
    if (this.#running) this.#engine.cancel();
  }

  /** The client has the answer to its last call. */
  answered(): void {
    this.#unanswered = 'nothing';
  }

  /** As Oracle does where a client breaks a call off: its statement is rolled back, and what came before in the transaction stays. */
  async undo(): Promise<void> {
    const what = this.#unanswered;
    this.#cancelled = false;
    this.#unanswered = 'nothing';
    if (what === 'transaction') await this.rollback();
    else if (what === 'statement' && this.#saved)
      await this.#engine.run('ROLLBACK TO SAVEPOINT statement', []);
  }

  /** A query, outside of a transaction unless one is open, or it locks its rows, which lasts as long as one. */
  async query(
    statement: Statement,
    casts: readonly (string | null)[],
    row: readonly Value[],
  ): Promise<Result> {
    const text = textFor(statement, casts);
    const run = () => this.#breakable(() => this.#engine.run(text, row));
    if (statement.locks && this.#engine.refusesLocks === true && !text.includes('SKIP LOCKED')) throw ALONE;
    if (statement.locks && !this.open) {
      await this.#breakable(() => this.#begin()).catch(refused);
      this.open = true;
    }
    return this.open ? this.#kept(run) : run().catch(refused);
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
    if (begun) await this.#breakable(() => this.#begin()).catch(refused);
    try {
      const executed = await this.#rows(rows, (row) => this.#one(statement, text, row), tolerant);
      if (this.#cancelled) throw CANCELLED;
      this.#unanswered = begun ? 'transaction' : 'statement';
      return executed;
    } catch (error) {
      // Nothing of a first statement that failed is left, so no transaction is either.
      if (begun) await this.rollback();
      else if (this.#saved) await this.#engine.run('ROLLBACK TO SAVEPOINT statement', []);
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
    return collected(rows, (row) => this.#row(() => run(row)).catch(orFailure), tolerant);
  }

  async define(statement: Statement): Promise<void> {
    await this.commit();
    const text = textFor(statement, []);
    await this.#breakable(() => this.#engine.run(text, [])).catch(refused);
    this.#identity.defined(text);
  }

  async commit(): Promise<void> {
    if (this.open) await this.#engine.commit().catch(refused);
    this.#ended();
  }

  async rollback(): Promise<void> {
    if (this.open) await this.#engine.rollback().catch(refused);
    this.#ended();
  }

  #ended(): void {
    this.open = false;
    this.#saved = false;
    this.#unanswered = 'nothing';
    this.#unique.clear();
  }

  /** In PostgreSQL a failure breaks the transaction, in Oracle only the statement. The savepoint stays until the next one. */
  async #kept<R>(act: () => Promise<R>): Promise<R> {
    if (this.#saved) await this.#engine.run('RELEASE SAVEPOINT statement', []);
    await this.#engine.run('SAVEPOINT statement', []);
    this.#saved = true;
    try {
      const result = await act();
      this.#unanswered = 'statement';
      return result;
    } catch (error) {
      await this.#engine.run('ROLLBACK TO SAVEPOINT statement', []);
      return refused(error);
    }
  }

  /** The same for one row of a batch. */
  async #row<R>(act: () => Promise<R>): Promise<R> {
    await this.#engine.run('SAVEPOINT one_row', []);
    const result = await act().catch(async (error: unknown) => {
      await this.#engine.run('ROLLBACK TO SAVEPOINT one_row', []);
      return refused(error);
    });
    await this.#engine.run('RELEASE SAVEPOINT one_row', []);
    return result;
  }

  /** What a cancellation may strike; it must strike no savepoint, commit or rollback. */
  async #breakable<R>(act: () => Promise<R>): Promise<R> {
    if (this.#cancelled) throw CANCELLED;
    this.#running = true;
    try {
      return await act();
    } finally {
      this.#running = false;
    }
  }

  /** Insertions are told to do nothing about what is there already, which Oracle calls a failure. */
  async #one(statement: Statement, text: string, row: readonly Value[]): Promise<Result> {
    const result = await this.#breakable(() => this.#engine.run(text, row));
    if (statement.kind === 'insert' && result.affected === 0) throw twice(await this.#violatedBy(text), row);
    return result;
  }

  /** The name of what an insertion has violated, in brackets; nothing where a table has several that are unique, and it may be any of them. */
  async #violatedBy(insertion: string): Promise<string> {
    const [, table = ''] = /INSERT INTO "?([^\s"(]+)/i.exec(insertion) ?? [];
    const known = this.#unique.get(table);
    if (known !== undefined) return known;
    const { rows } = await this.#engine.run(UNIQUE, [table]);
    const name = rows.length === 1 ? ` (EMBEDDED.${rows[0]?.[0]})` : '';
    this.#unique.set(table, name);
    return name;
  }
}

const UNIQUE =
  'SELECT x.relname::varchar FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid WHERE t.relname = $1 AND i.indisunique';

const ALONE = new OraError(3001, 'unimplemented feature: rows that stay locked beside other sessions');

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
