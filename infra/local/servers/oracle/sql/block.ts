/** The one form of PL/SQL that clients send by themselves: BEGIN SELECT … INTO :a, :b FROM …; END; */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';

const BLOCK = /^\s*BEGIN\b(?<select>\s*SELECT\b[\s\S]*);\s*END\s*;?\s*$/i;

/** The query that a block consists of; null for whatever is none of that form. */
export function selectOf(sql: string): string | null {
  return BLOCK.exec(sql)?.groups?.select ?? null;
}

/** INTO and its variables put last, as RETURNING has them. */
export function intoLast(tokens: readonly Token[]): Token[] {
  const start = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'INTO');
  if (start < 0) throw new OraError(6550, 'PLS-00428: an INTO clause is expected in this SELECT statement');
  const length = tokens.slice(start + 1).findIndex(({ kind, text }) => kind !== 'bind' && text !== ',');
  const end = length < 0 ? tokens.length : start + 1 + length;
  const rest = [...tokens.slice(0, start), ...tokens.slice(end)];
  if (rest.some(({ kind }) => kind === 'bind'))
    throw new OraError(3001, 'unimplemented feature: PL/SQL that reads its variables');
  return [...rest, ...tokens.slice(start, end)];
}
