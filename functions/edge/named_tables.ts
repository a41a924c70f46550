/** The tables of projections as operators read of them. */
import type { NamedTable } from '../operations/filled_tables.ts';
import { sourceText } from '../projection/filled.ts';
import type { Projection } from '../projection/projection.ts';

export function namedTables(projections: readonly Projection[]): NamedTable[] {
  return projections.map(({ table, each, columns }) => ({
    table,
    columns: columns.map((column) => ({
      ...{ name: column.name, from: sourceText(column, each), tolerate: column.tolerate },
    })),
  }));
}
