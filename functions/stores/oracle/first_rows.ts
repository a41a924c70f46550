/**
 * The first rows in the order of an index, whatever the optimizer thinks of the table. FETCH FIRST is ROW_NUMBER() to Oracle: with a bind variable for
 * the number, or with statistics of an empty table, it may read the whole table and sort it for each page. ROWNUM around an inline view stops
 * at the last row, and the hint names the index by its columns, so that it counts for a table whose key somebody else has named.
 *
 * (Oracle's optimizer blog, "Fetch First Rows Just Got Faster", patch 22174392; dbi-services.com, "Oracle ROWNUM vs ROW_NUMBER and 12c fetch first";
 * SQL Language Reference 19c, "INDEX Hint". Looked up on 27 November 2026, not tried on a real Oracle.)
 */
export interface FirstRows {
  readonly table: string;
  /** Columns by their names, without expressions. */
  readonly columns: readonly string[];
  /** Conditions that a row has to meet, all of them. */
  readonly where: readonly string[];
  /** Columns of the index that the rows are read by, or its name; and the order of the rows. */
  readonly index: readonly string[] | string;
  readonly order: readonly string[];
}

/** A query for the first `:most` rows. */
export function firstRows({ table, columns, where, index, order }: FirstRows): string {
  const listed = columns.join(', ');
  const hint = `INDEX(${table} ${typeof index === 'string' ? index : `(${index.join(' ')})`})`;
  const met = where.length === 0 ? '' : `WHERE ${where.join(' AND ')} `;
  return (
    `SELECT ${listed} FROM (SELECT /*+ ${hint} */ ${listed} FROM ${table} ${met}` +
    `ORDER BY ${order.join(', ')}) WHERE ROWNUM <= :most`
  );
}

/** The key of a collection's table, which its rows are read by. */
export const BY_KEY = { index: ['DOC_KEY'], order: ['doc_key'] } as const;
