/**
 * Views over tables of projections, for those who read them by SQL. The row of a document that is deleted is gone with the deletion; that of one that has expired
 * stays until the sweep has come to it, and the view does not show it.
 */
import type { Projection } from '../../projection/projection.ts';

/**
 * Whole seconds since the epoch, by the clock of the database, whatever the session's time zone and formats are. TO_CHAR drops the fraction, where CAST may round it up;
 * days are a fraction of many digits, so their seconds are rounded.
 * (SQL Language Reference 19c, "SYS_EXTRACT_UTC" and "Datetime/Interval Arithmetic". Looked up on 28 November 2026, not tried on a real Oracle.)
 */
const SECONDS =
  "ROUND((TO_DATE(TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD HH24:MI:SS'), 'YYYY-MM-DD HH24:MI:SS') - DATE '1970-01-01') * 86400)";

export const liveViewName = (table: string): string => `${table}_LIVE`;

/** The view that shows what documents that are neither deleted nor expired give to a projection. @param documents the table of the collection. */
export function liveView(
  documents: string,
  { table, each, columns }: Pick<Projection, 'table' | 'each' | 'columns'>,
): string {
  const names = ['DOC_KEY', ...(each === null ? [] : ['PLACE']), ...columns.map(({ name }) => name)];
  return (
    `CREATE OR REPLACE VIEW ${liveViewName(table)} AS SELECT ${names.map((name) => `p.${name}`).join(', ')} ` +
    `FROM ${table} p JOIN ${documents} d ON d.doc_key = p.doc_key ` +
    `WHERE d.kind <> 'gone' AND (d.expires IS NULL OR d.expires > ${SECONDS})`
  );
}
