/** What a verification has counted in tables of projections: rows, and values that a policy has made NULL or rounded. */

export interface ProjectedFigures {
  readonly table: string;
  /** That the documents give to it. */
  readonly rows: number;
  /** Columns that have such values. */
  readonly lenient: readonly LenientFigures[];
}

export interface LenientFigures {
  readonly column: string;
  readonly nulled: number;
  readonly rounded: number;
}
