/** Statements that define something with statements inside: triggers and views. */
import type { Token } from './tokens.ts';
import { triggerStatement } from './trigger.ts';
import { viewIn } from './view.ts';

/** The same in PostgreSQL; null for any other statement. @param rewrite does so with a query. */
export function definition<Piece>(
  sql: string,
  rewrite: (query: readonly Token[]) => readonly Piece[],
): (string | Piece)[] | null {
  const trigger = triggerStatement(sql);
  if (trigger !== null) return [trigger];
  const view = viewIn(sql);
  return view === null ? null : [view.begins, ...rewrite(view.query)];
}
