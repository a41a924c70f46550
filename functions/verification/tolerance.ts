/** Columns of which a verification has found more lenient values than their settings tolerate. */
import type { Projection } from '../projection/projection.ts';
import type { ProjectedFigures } from '../records/projected.ts';
import { isIntolerable, type Leniency } from '../records/tolerance.ts';

export function notTolerated(
  projections: readonly Pick<Projection, 'table' | 'columns'>[],
  figures: readonly ProjectedFigures[],
): Leniency[] {
  return figures.flatMap(({ table, rows, lenient }) => {
    const columns = projections.find((each) => each.table === table)?.columns ?? [];
    return lenient
      .map(({ column, nulled, rounded }) => ({
        ...{ table, column, rows, lenient: nulled + rounded },
        tolerate: columns.find(({ name }) => name === column)?.tolerate,
      }))
      .filter(isIntolerable);
  });
}
