/** A statement that a client has parsed, and may execute and fetch from again. */
import type { Result, Value } from './engine.ts';
import { BadMessage, type Reader } from './reader.ts';
import type { Release } from './releases.ts';
import type { Who } from './sql/placed.ts';
import { type Statement, translate } from './sql/translate.ts';
import type { BindType } from './values.ts';
import { columnOf, readRow, writeColumn } from './values.ts';
import { MESSAGE, TYPE } from './wire.ts';
import type { Writer } from './writer.ts';

export class Cursor {
  readonly id: number;
  readonly sql: string;
  readonly statement: Statement;
  binds: readonly BindType[] = [];
  /** Types that the client wants for the columns of a query, if not their own. */
  defines: readonly BindType[] | null = null;
  #result: Result | null = null;
  #next = 0;

  constructor(id: number, sql: string, release: Release, who: Who | null, sid?: number) {
    this.id = id;
    this.sql = sql;
    this.statement = translate(sql, release, who, sid);
  }

  /** Rows given out so far. */
  get given(): number {
    return this.#next;
  }

  get hasMore(): boolean {
    return this.#next < (this.#result?.rows.length ?? 0);
  }

  open(result: Result): void {
    this.#result = result;
    this.#next = 0;
  }

  /** LOBs go out only in a type that the client has named. */
  get needsDefines(): boolean {
    return (
      this.defines === null &&
      (this.#result?.fields.some((field) => columnOf(field).type === TYPE.blob) ?? false)
    );
  }

  /** Writes the next rows, at most so many. */
  fetch(writer: Writer, most: number): void {
    const { rows, fields } = this.#result ?? { rows: [], fields: [] };
    const types = this.defines ?? fields.map(columnOf);
    for (const row of rows.slice(this.#next, this.#next + most)) {
      writer.u8(MESSAGE.rowData);
      for (const [column, type] of types.entries()) writeColumn(writer, type, row[column] ?? null);
      this.#next++;
    }
  }
}

/** The binds of an execution or of a batch: `count` rows of them. */
export function readRows(reader: Reader, { binds, statement }: Cursor, count: number): Value[][] {
  // The variables of a block travel to it as well, whatever they hold.
  const inputs = statement.kind === 'block' ? binds : binds.slice(0, binds.length - statement.returned);
  if (inputs.length === 0) return reader.list(count, () => []);
  return reader.list(count, () => {
    if (reader.u8() !== MESSAGE.rowData) throw new BadMessage('A row of binds was wanted');
    return readRow(reader, inputs);
  });
}
