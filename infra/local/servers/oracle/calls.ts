/** The calls of a client that has logged in. */
import { describe, directions, end, parameters, rowHeader, status } from './answer.ts';
import { Cursor, readRows } from './cursor.ts';
import type { EngineSession, Value } from './engine.ts';
import { readExecute, readReexecute } from './execute.ts';
import type { Identity } from './identity.ts';
import type { LoggedIn } from './logged_in.ts';
import { OraError } from './ora.ts';
import { BadMessage, type Reader } from './reader.ts';
import { explained, RELEASES, type Release } from './releases.ts';
import { writeReturning } from './returning.ts';
import type { OwnSession } from './sessions.ts';
import { Transactions } from './statements.ts';
import { castOf, readBindType, writeReturned } from './values.ts';
import { BIND_DIRECTION, FUNCTION, LONGEST_STRING, MESSAGE, OPTION, REEXECUTE_COMMIT } from './wire.ts';
import type { Writer } from './writer.ts';

/** How a cursor is to be run this time. */
interface Run {
  readonly rows: readonly (readonly Value[])[];
  readonly commit: boolean;
  readonly describe: boolean;
  readonly fetch: number;
  readonly batchErrors: boolean;
  readonly rowCounts: boolean;
}

const NO_DATA = new OraError(1403, 'no data found');
const BATCH = new OraError(24381, 'error(s) in array DML');

export class Calls {
  readonly #engine: EngineSession;
  readonly #release: Release;
  readonly #own: OwnSession | null;
  readonly transactions: Transactions;
  readonly #cursors = new Map<number, Cursor>();
  #lastCursor = 0;
  /** Who has logged in, where the database enforces grants. */
  who: LoggedIn | null = null;
  /** Rows that the last call has changed. */
  changed = 0;

  /**
   * @param own what the session may do with others; null where it is the only one.
   * @param identity who its client is, for triggers.
   */
  constructor(
    engine: EngineSession,
    release: Release = RELEASES['19c'],
    own: OwnSession | null = null,
    identity?: Identity,
  ) {
    this.#engine = engine;
    this.#release = release;
    this.#own = own;
    this.transactions = new Transactions(engine, identity);
  }

  get inTransaction(): boolean {
    return this.transactions.open;
  }

  /** The text that a call executes; empty for one that executes none. */
  sqlOf(operation: number, reader: Reader): string {
    const known = (id: number) => this.#cursors.get(id)?.sql ?? '';
    if (operation === FUNCTION.execute) {
      const { sql, cursor } = readExecute(reader);
      return sql ?? known(cursor);
    }
    const again = operation === FUNCTION.reexecute || operation === FUNCTION.reexecuteAndFetch;
    return again ? known(reader.ub()) : '';
  }

  async perform(operation: number, reader: Reader, writer: Writer): Promise<void> {
    this.changed = 0;
    switch (operation) {
      case FUNCTION.execute:
        return this.#execute(reader, writer);
      case FUNCTION.reexecute:
      case FUNCTION.reexecuteAndFetch:
        return this.#reexecute(reader, operation, writer);
      case FUNCTION.fetch:
        return this.#fetch(this.#cursor(reader.ub()), reader.ub(), writer);
      case FUNCTION.commit:
        await this.transactions.commit();
        break;
      case FUNCTION.rollback:
      case FUNCTION.logoff:
        await this.transactions.rollback();
        break;
      case FUNCTION.version:
        writer.u8(MESSAGE.parameter).ub(this.#release.banner.length);
        if (reader.plain) writer.raw(Buffer.from(this.#release.banner));
        else writer.text(this.#release.banner);
        writer.ub(this.#release.number);
        break;
      case FUNCTION.ping:
        break;
      default:
        throw new BadMessage(`Nobody here knows the function ${operation}`);
    }
    status(writer, this.inTransaction);
  }

  close(cursors: readonly number[]): void {
    for (const id of cursors) this.#cursors.delete(id);
  }

  /** A client that has gone takes its open transaction along. */
  async end(): Promise<void> {
    await this.transactions.rollback().catch(() => {});
    await this.#engine.close();
  }

  async #execute(reader: Reader, writer: Writer): Promise<void> {
    const asked = readExecute(reader);
    const has = (option: number) => (asked.options & option) !== 0;
    const cursor = asked.sql === null ? this.#cursor(asked.cursor) : this.#parse(asked.sql, asked.cursor);
    if (asked.binds > 0) cursor.binds = reader.list(asked.binds, () => readBindType(reader));
    if (has(OPTION.define)) cursor.defines = reader.list(asked.defines, () => readBindType(reader));
    // Most clients tell the types of columns once they know the columns; JDBC also with the execution itself.
    if (has(OPTION.define) && !has(OPTION.execute)) {
      end(writer, { cursor: cursor.id, inTransaction: this.inTransaction });
      return;
    }
    if (cursor.binds.length !== cursor.statement.binds) throw new OraError(1008, 'not all variables bound');
    const rows = readRows(reader, cursor, cursor.statement.kind === 'query' ? 1 : asked.iterations);
    await this.#run(cursor, writer, {
      rows,
      commit: has(OPTION.commit),
      describe: asked.sql !== null,
      fetch: has(OPTION.fetch) || has(OPTION.execute) ? asked.iterations : 0,
      batchErrors: has(OPTION.batchErrors),
      rowCounts: asked.rowCounts,
    });
  }

  async #reexecute(reader: Reader, operation: number, writer: Writer): Promise<void> {
    const { cursor: id, iterations, secondFlags, fetches } = readReexecute(reader, operation);
    const cursor = this.#cursor(id);
    await this.#run(cursor, writer, {
      rows: readRows(reader, cursor, cursor.statement.kind === 'query' ? 1 : iterations),
      commit: (secondFlags & REEXECUTE_COMMIT) !== 0,
      describe: false,
      fetch: fetches ? iterations : 0,
      batchErrors: false,
      rowCounts: false,
    });
  }

  async #run(cursor: Cursor, writer: Writer, run: Run): Promise<void> {
    const { statement } = cursor;
    this.who?.require(statement, this.#release);
    switch (statement.kind) {
      case 'query':
        return this.#query(cursor, writer, run);
      case 'block':
        return this.#block(cursor, writer);
      case 'dml':
      case 'insert':
        return this.#change(cursor, writer, run);
      case 'ddl':
        await this.transactions.define(statement);
        break;
      case 'commit':
      case 'rollback':
        await this.transactions[statement.kind]();
        break;
      case 'session':
        await this.who?.obey(statement, this.#engine);
        if (statement.ending !== null) await this.#own?.endOther(statement.ending);
    }
    parameters(writer, cursor.id, null);
    end(writer, { cursor: cursor.id, inTransaction: this.inTransaction });
  }

  async #query(cursor: Cursor, writer: Writer, { rows, describe: asked, fetch }: Run): Promise<void> {
    if (cursor.binds.some(({ maxSize }) => maxSize > LONGEST_STRING))
      throw new OraError(1461, 'can bind a LONG value only for insert into a LONG column');
    const statement = this.#own?.over(cursor.statement) ?? cursor.statement;
    const result = await this.transactions.query(statement, cursor.binds.map(castOf), rows[0] ?? []);
    cursor.open(result);
    if (asked) describe(writer, result.fields);
    if (fetch > 0 && !cursor.needsDefines) return this.#fetch(cursor, fetch, writer);
    parameters(writer, cursor.id, null);
    end(writer, { cursor: cursor.id, inTransaction: this.inTransaction });
  }

  /** A block's one query must give one row, which goes to its variables. */
  async #block(cursor: Cursor, writer: Writer): Promise<void> {
    const { rows } = await this.transactions.query(cursor.statement, [], []);
    if (rows.length === 0) throw NO_DATA;
    if (rows.length > 1) throw new OraError(1422, 'exact fetch returns more than requested number of rows');
    directions(
      writer,
      cursor.binds.map(() => BIND_DIRECTION.output),
    );
    writer.u8(MESSAGE.rowData);
    for (const [index, type] of cursor.binds.entries()) writeReturned(writer, type, rows[0]?.[index] ?? null);
    parameters(writer, cursor.id, null);
    end(writer, { cursor: cursor.id, rows: 1, inTransaction: this.inTransaction });
  }

  #fetch(cursor: Cursor, most: number, writer: Writer): void {
    if (cursor.hasMore) rowHeader(writer);
    cursor.fetch(writer, most);
    const error = cursor.hasMore ? null : NO_DATA;
    end(writer, { cursor: cursor.id, rows: cursor.given, inTransaction: this.inTransaction, error });
  }

  async #change(cursor: Cursor, writer: Writer, run: Run): Promise<void> {
    const { statement, binds } = cursor;
    const inputs = binds.slice(0, binds.length - statement.returned).map(castOf);
    const { results, failures, rowCounts } = await this.transactions.change(
      statement,
      inputs,
      run.rows,
      run.batchErrors,
    );
    this.changed = rowCounts.reduce((sum, count) => sum + count, 0);
    if (run.commit && failures.length === 0) await this.transactions.commit();
    if (statement.returned > 0) writeReturning(writer, cursor, results);
    parameters(writer, cursor.id, run.rowCounts ? rowCounts : null);
    end(writer, {
      cursor: cursor.id,
      rows: this.changed,
      inTransaction: this.inTransaction,
      ...(failures.length > 0 && {
        batch: failures.map(({ row, error }) => ({ row, error: explained(this.#release, error) })),
        error: BATCH,
      }),
    });
  }

  #parse(sql: string, id: number): Cursor {
    const number = id === 0 ? ++this.#lastCursor : id;
    const cursor = new Cursor(number, sql, this.#release, this.who, this.#own?.sid);
    this.#cursors.set(cursor.id, cursor);
    return cursor;
  }

  #cursor(id: number): Cursor {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) throw new OraError(1001, 'invalid cursor');
    return cursor;
  }
}
