/** How many values of a column may be lenient: NULL or rounded, since they did not fit. */

/** Of the rows of one column of a projection. */
export interface Leniency {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
  /** Rows in which its value is NULL or rounded, since it did not fit; null where nobody has kept it. */
  readonly lenient: number | null;
  /** So many of a million are borne; undefined for any number. */
  readonly tolerate: number | undefined;
}

const MILLION = 1_000_000;

/** Whether there are known to be more than are borne. A share that is the very bound is borne. */
export function isIntolerable({ rows, lenient, tolerate }: Leniency): boolean {
  return tolerate !== undefined && (lenient ?? 0) * MILLION > tolerate * rows;
}

/** `LENIENT: 12 of 4300 values of ORDER_LINES.PRICE are NULL or rounded, 2791 of a million, above the 100 that it tolerates`. */
export function intoleranceText(found: Leniency): string {
  const { table, column, rows, lenient, tolerate } = found;
  return (
    `LENIENT: ${lenient} of ${rows} values of ${table}.${column} are NULL or rounded, since they do not fit: ${perMillion(found)} of a million, ` +
    `above the ${tolerate} that it tolerates`
  );
}

/** Rounded up: what is above a bound never reads as the bound. */
export function perMillion({ rows, lenient }: Pick<Leniency, 'rows' | 'lenient'>): number {
  return rows === 0 ? 0 : Math.ceil(((lenient ?? 0) * MILLION) / rows);
}
