/** Writes one document: its row and, in the same transaction, its rows in the tables of projections. */
import type oracledb from 'oracledb';
import type { Version } from '../../protocol/version.ts';
import type { Target } from '../failure.ts';
import { writeWith } from './projecting.ts';
import { returns } from './returns.ts';
import type { Statement } from './statements.ts';
import type { Filled, Table } from './table.ts';
import { changes } from './unique.ts';

export class DocumentWrite {
  readonly #session: oracledb.Connection;
  readonly #table: Table;
  readonly #target: Target & { readonly key: string };
  readonly #projected: Filled['projected'];

  /** @param filled what the document gives. A deletion gives nothing to any projection. */
  constructor(
    session: oracledb.Connection,
    table: Table,
    target: Target & { readonly key: string },
    { projected }: Pick<Filled, 'projected'>,
  ) {
    this.#session = session;
    this.#table = table;
    this.#target = target;
    this.#projected = projected;
  }

  /** Commits unless it is told otherwise. @returns whether the statement has changed the row, or inserted it: see `unique.ts`. */
  changes(statement: Statement, commits = true): Promise<boolean> {
    const isNew = statement.text.startsWith('INSERT');
    return this.#write(isNew, commits, (options) =>
      changes(this.#session, statement, this.#table.name, options),
    );
  }

  /** Commits. @param statement with RETURNING … INTO :written. @returns null where it has changed no row. */
  returns(statement: Statement): Promise<Version | null> {
    return this.#write(false, true, (options) => returns(this.#session, statement, options));
  }

  #write<T>(
    isNew: boolean,
    commits: boolean,
    write: (options: { readonly autoCommit: boolean }) => Promise<T>,
  ): Promise<T> {
    const placed = { target: this.#target, projected: this.#projected, isNew, commits };
    return writeWith(this.#session, this.#table, placed, write);
  }
}
