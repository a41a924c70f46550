/**
 * Documents that give many rows to tables of projections are written in several transactions, each of which moves the shard on: one for a whole batch could outlast its
 * time, and then outlast it each time.
 */
import type { Finding } from '../records/finding.ts';
import type { Sized } from '../runs/batches.ts';
import { piecesOf } from '../runs/pieces.ts';
import type { Copy } from '../stores/oracle/batch.ts';

/** What a batch holds: what can be copied, and what somebody has to look at. */
export interface Copied {
  readonly copies: readonly Copy[];
  readonly found: readonly Finding[];
}

interface Written {
  readonly batch: readonly Sized[];
  readonly copied: Copied;
}

/** What each transaction writes, in the order of the keys. @param rows that a copy may give, at most. */
export function transactionsOf(
  batch: readonly Sized[],
  { copies, found }: Copied,
  rows: (copy: Copy) => number,
): Written[] {
  const rowsOf = new Map(copies.map((copy) => [copy.key, rows(copy)]));
  const pieces = piecesOf(batch.map(({ key }) => rowsOf.get(key) ?? 0));
  if (pieces.length <= 1) return [{ batch, copied: { copies, found } }];
  return pieces.map(({ from, to }) => {
    const piece = batch.slice(from, to);
    const keys = new Set(piece.map(({ key }) => key));
    const isOurs = ({ key }: { readonly key: string }) => keys.has(key);
    return { batch: piece, copied: { copies: copies.filter(isOurs), found: found.filter(isOurs) } };
  });
}
