/** How lenient the columns of projections are, of those that bear a number of such values alone. */
import type { Fillings } from '../records/filling.ts';
import type { Leniency } from '../records/tolerance.ts';
import type { NamedTable } from './filled_tables.ts';

export function leniencies({ tables }: Fillings, named: readonly NamedTable[]): Leniency[] {
  return named.flatMap(({ table, columns }, n) =>
    columns.flatMap(({ name, tolerate }, m) => {
      const found = tables[n];
      if (found === undefined || tolerate === undefined) return [];
      const filling = found.columns[m];
      const lenient = filling === undefined ? null : filling.nulled + filling.rounded;
      return [{ table, column: name, rows: found.rows, lenient, tolerate }];
    }),
  );
}
