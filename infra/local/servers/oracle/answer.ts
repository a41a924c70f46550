/** The messages that a server sends. */
import type { Field } from './engine.ts';
import type { OraError } from './ora.ts';
import { columnOf } from './values.ts';
import { CHARSET, IN_TRANSACTION, MESSAGE, TYPE } from './wire.ts';
import type { Writer } from './writer.ts';

export interface End {
  readonly error?: OraError | null;
  readonly cursor?: number;
  /** Rows affected by the call, or fetched from the cursor so far. */
  readonly rows?: number;
  readonly inTransaction: boolean;
  /** The rows of a batch that failed. */
  readonly batch?: readonly { readonly row: number; readonly error: OraError }[];
}

/** Ends a call: what became of it. */
export function end(
  writer: Writer,
  { error = null, cursor = 0, rows = 0, inTransaction, batch = [] }: End,
): void {
  writer.u8(MESSAGE.error);
  // JDBC reads the rows and the error's number here, the others at the end.
  writer.ub(inTransaction ? IN_TRANSACTION : 0, 0, rows, error?.number ?? 0, 0, 0, cursor, 0);
  writer.raw(Buffer.alloc(6));
  // No rowid: its number of object, file, block and slot.
  writer.ub(0, 0).u8(0).ub(0, 0);
  writer.ub(0).u8(0).u8(writer.call).ub(0, 0, 0);
  batchErrors(writer, batch);
  writer.ub(error?.number ?? 0, rows);
  if (error !== null) writer.text(`${error.message}\n`);
}

function batchErrors(writer: Writer, batch: End['batch'] & object): void {
  writer.ub(batch.length);
  if (batch.length > 0) writer.u8(0).ub(...batch.map(({ error }) => error.number));
  writer.ub(batch.length);
  if (batch.length > 0) writer.u8(0).ub(...batch.map(({ row }) => row));
  writer.ub(batch.length);
  if (batch.length > 0) writer.u8(0);
  for (const { error } of batch) writer.ub(0).text(error.message).u16(0);
}

/** Ends a call of which there is nothing to say. */
export function status(writer: Writer, inTransaction: boolean): void {
  writer.u8(MESSAGE.status).ub(inTransaction ? IN_TRANSACTION : 0, 0);
}

/**
 * Parameters of an execution: a snapshot's number in two halves, the cursor and three more, of which JDBC reads the first;
 * nothing else, but the rows that each execution has affected if they were asked for.
 */
export function parameters(writer: Writer, cursor: number, rowCounts: readonly number[] | null): void {
  writer.u8(MESSAGE.parameter).ub(6, 0, 0, cursor, 0, 0, 0).ub(0, 0, 0);
  if (rowCounts !== null) writer.ub(rowCounts.length, ...rowCounts);
}

/** The columns of a query. */
export function describe(writer: Writer, fields: readonly Field[]): void {
  writer.u8(MESSAGE.describe).u8(0).ub(0, fields.length);
  if (fields.length > 0) writer.u8(0);
  for (const [position, field] of fields.entries()) {
    const { type, maxSize } = columnOf(field);
    const text = type === TYPE.varchar;
    writer.u8(type).u8(0).u8(0).u8(0);
    writer.ub(maxSize, 0, 0, 0, 0, text ? CHARSET.utf8 : 0).u8(text ? 1 : 0);
    writer
      .ub(text ? maxSize : 0, 0)
      .u8(1)
      .u8(0);
    writer.lengthAndText(field.name.toUpperCase()).ub(0, 0, position + 1, 0);
  }
  writer.ub(0, 0, 0, 0, 0, 0);
}

export function rowHeader(writer: Writer): void {
  writer.u8(MESSAGE.rowHeader).u8(0).ub(0, 0, 0, 0, 0, 0);
}

/** Which binds are variables that RETURNING fills. */
export function directions(writer: Writer, all: readonly number[]): void {
  writer.u8(MESSAGE.ioVector).u8(0);
  writer.ub(all.length % 256, Math.floor(all.length / 256), 0, 0, 0, 0);
  for (const direction of all) writer.u8(direction);
}
