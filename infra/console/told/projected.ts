/** What is known of rows in tables of projections, as people read it. */

import { intoleranceText } from '../../../functions/records/tolerance.ts';
import type { Verified } from '../../../functions/runs/summary.ts';
import type { ExplainedRows } from '../../../functions/verification/explain_rows.ts';

/** Of a verification. Functions of the version before tell nothing of them. */
export function projectedLines({
  projected = [],
  notTolerated = [],
}: Pick<Verified, 'projected' | 'notTolerated'>): string[] {
  return [
    ...projected.flatMap(({ table, rows, lenient }) => [
      `${rowsText(rows)} of ${table}`,
      ...lenient.map(
        ({ column, nulled, rounded }) =>
          `  ${table}.${column}: ${nulled} values are NULL since they do not fit, ${rounded} are rounded`,
      ),
    ]),
    ...notTolerated.map(
      (found) =>
        `${intoleranceText(found)}. The run is not clean. Mend the documents, or the type or tolerate of the column`,
    ),
  ];
}

function rowsText(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

/** Of one document. */
export function explainedRowsLines({ tables, problem }: ExplainedRows): string[] {
  return [
    ...tables.map(({ table, given, found, lenient, difference }) => {
      const gives = given === null ? 'what the document gives is not known' : `the document gives ${given}`;
      const changed = lenient.map((each) => `; ${each}`).join('');
      return `  ${table}: ${rowsText(found)}, ${gives}${changed}${difference === null ? '' : `. They differ: ${difference}`}`;
    }),
    ...(problem === null ? [] : [`  It cannot be written to these tables: ${problem}`]),
  ];
}
