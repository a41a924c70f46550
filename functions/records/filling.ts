/**
 * How documents fill the tables of projections: counts in the order of the settings, and of each table's columns in theirs. A walk that has them is of one
 * mapping, so nothing is named here.
 */
import type { ColumnFilling, Filling } from '../projection/filled.ts';

export type { ColumnFilling, Filling };

export interface Fillings {
  /** Documents that were counted: functions that do not know projections count none. */
  readonly counted: number;
  readonly tables: readonly Filling[];
}

/** Both together; undefined where neither has counted. */
export function bothFillings(one: Fillings | undefined, other: Fillings | undefined): Fillings | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    counted: one.counted + other.counted,
    tables: paired(one.tables, other.tables, (a, b) => ({
      ...{ taken: a.taken + b.taken, rows: a.rows + b.rows, refused: a.refused + b.refused },
      columns: paired(a.columns, b.columns, (c, d) => ({
        ...{ missing: c.missing + d.missing, nulled: c.nulled + d.nulled },
        ...{ rounded: c.rounded + d.rounded, refused: c.refused + d.refused },
      })),
    })),
  };
}

/** None where they are not as many: those of one side were not kept. */
function paired<T>(ones: readonly T[], others: readonly T[], both: (one: T, other: T) => T): T[] {
  return ones.length === others.length ? ones.map((one, n) => both(one, others[n] as T)) : [];
}

/** As it is kept: numbers without a zero that says nothing. In at most so many characters: the columns of the last tables are left out where there is no room. */
export function fillingsText({ counted, tables }: Fillings, most: number): string {
  for (let whole = tables.length; ; whole--) {
    const texts = tables.map(({ taken, rows, refused, columns }, n) => {
      const kept = n < whole ? columns : [];
      const each = kept.map((column) =>
        numbersText([column.missing, column.nulled, column.rounded, column.refused]),
      );
      return [numbersText([taken, rows, refused]), ...each].join(';');
    });
    const text = [String(counted), ...texts].join('|');
    if (text.length <= most || whole === 0) return text;
  }
}

function numbersText(numbers: readonly number[]): string {
  return numbers.map((number) => (number === 0 ? '' : String(number))).join(',');
}

/** Undefined for what none of our versions has written. */
export function fillingsIn(text: string): Fillings | undefined {
  if (!/^\d+(?:\|[\d,;]*)*$/.test(text)) return undefined;
  const [counted, ...tables] = text.split('|');
  return {
    counted: Number(counted),
    tables: tables.map((table) => {
      const [own = '', ...columns] = table.split(';');
      const [taken = 0, rows = 0, refused = 0] = numbersIn(own);
      return { taken, rows, refused, columns: columns.map(columnIn) };
    }),
  };
}

function columnIn(text: string): ColumnFilling {
  const [missing = 0, nulled = 0, rounded = 0, refused = 0] = numbersIn(text);
  return { missing, nulled, rounded, refused };
}

function numbersIn(text: string): number[] {
  return text.split(',').map(Number);
}
