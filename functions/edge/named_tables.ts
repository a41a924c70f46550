/** The tables of projections as operators read of them. */
import type { NamedTable } from '../operations/filled_tables.ts';
import type { Projection } from '../projection/projection.ts';
import { sourceText } from '../projection/source_text.ts';

export function namedTables(projections: readonly Projection[]): NamedTable[] {
  return projections.map(({ table, each, columns }) => ({
    table,
    columns: columns.map((column) => ({
      ...{ name: column.name, from: sourceText(column.source, each), tolerate: column.tolerate },
    })),
  }));
}
