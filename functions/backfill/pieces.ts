/**
 * Documents that give many rows to tables of projections are written in several transactions, each of which moves the shard on: one for a whole batch could outlast its
 * time, and then outlast it each time.
 */
import type { Finding } from '../records/finding.ts';
import type { Sized } from '../runs/batches.ts';
import type { Copy } from '../stores/oracle/batch.ts';

/** What a batch holds: what can be copied, and what somebody has to look at. */
export interface Copied {
  readonly copies: readonly Copy[];
  readonly found: readonly Finding[];
}

export interface Piece {
  readonly batch: readonly Sized[];
  readonly copied: Copied;
}

/** Rows of one transaction, beside those of the documents themselves. One document may have more. */
export const MOST_ROWS = 30_000;

/** In the order of the keys. @param rows that a copy may give, at most. */
export function piecesOf(
  batch: readonly Sized[],
  { copies, found }: Copied,
  rows: (copy: Copy) => number,
): Piece[] {
  const rowsOf = new Map(copies.map((copy) => [copy.key, rows(copy)]));
  const pieces: Sized[][] = [[]];
  let sum = 0;
  for (const each of batch) {
    const more = rowsOf.get(each.key) ?? 0;
    if (sum > 0 && sum + more > MOST_ROWS) {
      pieces.push([]);
      sum = 0;
    }
    pieces.at(-1)?.push(each);
    sum += more;
  }
  if (pieces.length === 1) return [{ batch, copied: { copies, found } }];
  return pieces.map((piece) => {
    const keys = new Set(piece.map(({ key }) => key));
    const isOurs = ({ key }: { readonly key: string }) => keys.has(key);
    return { batch: piece, copied: { copies: copies.filter(isOurs), found: found.filter(isOurs) } };
  });
}
