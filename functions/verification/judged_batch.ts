/**
 * Looks at the rows that a batch of documents has in tables of projections, piece by piece. Documents of a few KB may have arrays of thousands of elements, so a
 * batch may have millions of rows: more than one call reads in its time, and more than a worker has memory for.
 */
import { documentFrom } from '../protocol/fingerprint.ts';
import type { Finding } from '../records/finding.ts';
import type { ProjectedFigures } from '../records/projected.ts';
import { piecesOf } from '../runs/pieces.ts';
import { mostRows } from '../stores/oracle/table.ts';
import type { Seen } from '../stores/snapshot.ts';
import type { Difference } from './compare.ts';
import { figuresOf, lenientFinding } from './lenient.ts';
import { judgeRows, type ProjectedPorts } from './projected_look.ts';

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
