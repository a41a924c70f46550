/** How one document fills the tables of projections: what a look at all documents adds up. */
import type { Content } from '../protocol/state.ts';
import { projectOnce } from './project.ts';
import { type Projected, type ProjectedColumn, type Projection, Unprojectable } from './projection.ts';

/** Numbers of rows, but for `refused`: 1 where the document is refused for this column. */
export interface FilledColumn {
  readonly missing: number;
  readonly nulled: number;
  readonly rounded: number;
  readonly refused: number;
}

export interface Filled {
  readonly taken: number;
  readonly rows: number;
  readonly refused: number;
  readonly columns: readonly FilledColumn[];
}

/** One for each projection, each by itself: a document that one of them refuses may fill the others. */
export function filledBy(projections: readonly Projection[], key: string, content: Content): Filled[] {
  return projections.map((projection) => {
    try {
      return countsOf(projection, projectOnce(projection, key, content));
    } catch (error) {
      if (error instanceof Unprojectable) return refusedAt(projection, error);
      throw error;
    }
  });
}

function countsOf({ columns }: Projection, projected: Projected): Filled {
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

function refusedAt({ columns }: Projection, { at }: Unprojectable): Filled {
  const refused = (column: ProjectedColumn) => (column.name === at.column ? 1 : 0);
  return {
    ...{ taken: 1, rows: 0, refused: 1 },
    columns: columns.map((column) => ({
      ...{ missing: 0, nulled: 0, rounded: 0 },
      refused: refused(column),
    })),
  };
}
