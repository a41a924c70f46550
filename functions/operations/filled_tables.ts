/** How documents fill the tables of projections, by the names of tables and columns. */
import type { ColumnFilling, Fillings } from '../records/filling.ts';

export interface NamedTable {
  readonly table: string;
  readonly columns: readonly NamedColumn[];
}

export interface NamedColumn {
  readonly name: string;
  /** Where its values come from, for people. */
  readonly from: string;
  /** Lenient values of a million that are borne; undefined for any number. */
  readonly tolerate: number | undefined;
}

export interface FilledTable {
  readonly table: string;
  /** Documents that were looked at for it. */
  readonly counted: number;
  /** Documents that it takes, and rows that they give. */
  readonly taken: number;
  readonly rows: number;
  /** Documents that it cannot take. */
  readonly refused: number;
  /** None where there was no room to keep them. */
  readonly columns: readonly (ColumnFilling & Pick<NamedColumn, 'name' | 'from'>)[];
}

export function filledTables({ counted, tables }: Fillings, named: readonly NamedTable[]): FilledTable[] {
  return named.flatMap(({ table, columns }, n) => {
    const found = tables[n];
    if (found === undefined) return [];
    const known = found.columns.length === columns.length ? columns : [];
    return [
      {
        ...{ table, counted, taken: found.taken, rows: found.rows, refused: found.refused },
        columns: known.flatMap(({ name, from }, m) => {
          const filling = found.columns[m];
          return filling === undefined ? [] : [{ name, from, ...filling }];
        }),
      },
    ];
  });
}
