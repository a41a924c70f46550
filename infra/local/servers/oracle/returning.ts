/** What RETURNING gives, as the variables of a client take it. */
import { directions } from './answer.ts';
import type { Cursor } from './cursor.ts';
import type { Result } from './engine.ts';
import { writeReturned } from './values.ts';
import { BIND_DIRECTION, MESSAGE } from './wire.ts';
import type { Writer } from './writer.ts';

/** For every execution, the rows that it has changed, variable by variable. */
export function writeReturning(
  writer: Writer,
  { binds, statement }: Cursor,
  results: readonly Result[],
): void {
  const first = binds.length - statement.returned;
  directions(
    writer,
    binds.map((_, place) => (place < first ? BIND_DIRECTION.input : BIND_DIRECTION.output)),
  );
  for (const { rows } of results) {
    writer.u8(MESSAGE.rowData);
    for (const [index, type] of binds.slice(first).entries()) {
      writer.ub(rows.length);
      for (const row of rows) writeReturned(writer, type, row[index] ?? null);
    }
  }
}
