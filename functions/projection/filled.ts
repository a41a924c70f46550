/** How one document fills the tables of projections: what a look at all documents adds up. */
import type { Content } from '../protocol/state.ts';
import { projectOnce } from './project.ts';
import { type Projected, type ProjectedColumn, type Projection, Unprojectable } from './projection.ts';

/** Counts of rows, but for `refused`, which counts documents. */
export interface ColumnFilling {
  /** Its source had nothing: no value, null, or an empty text. */
  readonly missing: number;
  /** NULL, since the value did not fit. */
  readonly nulled: number;
  readonly rounded: number;
  readonly refused: number;
}

export interface Filling {
  /** Documents that the table takes. */
  readonly taken: number;
  readonly rows: number;
  /** Documents that it cannot take, for what reason ever. */
  readonly refused: number;
  /** None where there is no room to keep them. */
  readonly columns: readonly ColumnFilling[];
}

/** One for each projection, each by itself: a document that one of them refuses may fill the others. */
export function filledBy(projections: readonly Projection[], key: string, content: Content): Filling[] {
  return projections.map((projection) => {
    try {
      return countsOf(projection, projectOnce(projection, key, content));
    } catch (error) {
      if (error instanceof Unprojectable) return refusedAt(projection, error);
      throw error;
    }
  });
}

function countsOf({ columns }: Projection, projected: Projected): Filling {
  const lenient = new Map<string, number>();
  for (const { column, became } of projected.lenient) {
    const counted = `${became} ${column}`;
    lenient.set(counted, (lenient.get(counted) ?? 0) + 1);
  }
  return {
    ...{ taken: projected.taken ? 1 : 0, rows: projected.rows.length, refused: 0 },
    columns: columns.map(({ name }, n) => ({
      ...{ missing: projected.missing[n] ?? 0, refused: 0 },
      ...{ nulled: lenient.get(`null ${name}`) ?? 0, rounded: lenient.get(`rounded ${name}`) ?? 0 },
    })),
  };
}

function refusedAt({ columns }: Projection, { at }: Unprojectable): Filling {
  const refused = (column: ProjectedColumn) => (column.name === at.column ? 1 : 0);
  return {
    ...{ taken: 1, rows: 0, refused: 1 },
    columns: columns.map((column) => ({
      ...{ missing: 0, nulled: 0, rounded: 0 },
      refused: refused(column),
    })),
  };
}
