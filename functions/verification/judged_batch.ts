/**
 * Looks at the rows that a batch of documents has in tables of projections, piece by piece. Documents of a few KB may have arrays of thousands of elements, so a
 * batch may have millions of rows: more than one call reads in its time, and more than a worker has memory for.
 */
import { documentFrom } from '../protocol/fingerprint.ts';
import type { Finding } from '../records/finding.ts';
import type { ProjectedFigures } from '../records/projected.ts';
import { mostRows } from '../stores/oracle/table.ts';
import type { Seen } from '../stores/snapshot.ts';
import type { Difference } from './compare.ts';
import { figuresOf, lenientFinding } from './lenient.ts';
import { judgeRows, type ProjectedPorts } from './projected_look.ts';

/** Rows that are read, and held in memory, at a time. One document may have more. */
export const MOST_READ = 30_000;

/** What is kept of the rows of one document. */
export interface JudgedRows {
  /** Null for none. */
  readonly difference: Difference | null;
  readonly figures: readonly ProjectedFigures[];
  /** Null where no policy has changed a value. */
  readonly lenient: Finding | null;
}

/** In the order of the keys. @param oracle the rows of the documents, with their bodies. */
export async function judgeBatch(
  { projections, rows }: Pick<ProjectedPorts, 'projections' | 'rows'>,
  keys: readonly string[],
  oracle: readonly Seen[],
): Promise<JudgedRows[]> {
  const judged: JudgedRows[] = [];
  const most = (seen: Seen) =>
    seen.body === null ? 0 : mostRows({ projections }, documentFrom(seen.body, null));
  for (const { from, to } of piecesOf(oracle.map(most))) {
    const found = await rows(keys.slice(from, to));
    for (const [n, key] of keys.slice(from, to).entries()) {
      const { given, difference } = judgeRows(
        projections,
        key,
        oracle[from + n] as Seen,
        found[n] ?? new Map(),
      );
      judged.push({ difference, figures: figuresOf(given), lenient: lenientFinding(key, given) });
    }
  }
  return judged;
}

/** @param rows of each document, at most. */
function piecesOf(rows: readonly number[]): { readonly from: number; readonly to: number }[] {
  const pieces = [];
  let [from, sum] = [0, 0];
  for (const [at, more] of rows.entries()) {
    if (at > from && sum + more > MOST_READ) {
      pieces.push({ from, to: at });
      [from, sum] = [at, 0];
    }
    sum += more;
  }
  if (rows.length > from) pieces.push({ from, to: rows.length });
  return pieces;
}
