/** Documents that have many rows in tables of projections are read, and written, in pieces: all rows of a batch at once could outlast one call, and fill a worker's memory. */

/** Rows of a piece. One document may have more. */
export const MOST_ROWS = 30_000;

/** From a place in the list up to another one, which is not in it. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

/** In their order; none of no documents. @param rows of each document, at most. */
export function piecesOf(rows: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  let [from, sum] = [0, 0];
  for (const [at, more] of rows.entries()) {
    if (sum > 0 && sum + more > MOST_ROWS) {
      pieces.push({ from, to: at });
      [from, sum] = [at, 0];
    }
    sum += more;
  }
  if (rows.length > from) pieces.push({ from, to: rows.length });
  return pieces;
}
