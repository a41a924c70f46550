/** Queries that lock the rows that they find. */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';

/** What Oracle does not take beside FOR UPDATE: the rows of a result would not be those of the table. */
const NOT_BESIDE = new Set(['FETCH', 'GROUP', 'DISTINCT', 'UNION']);

/** Whether a query ends in FOR UPDATE. Throws ORA-02014 for one that cannot lock its rows. */
export function locksRows(tokens: readonly Token[]): boolean {
  const at = tokens.findIndex(({ text }, index) => text === 'FOR' && tokens[index + 1]?.text === 'UPDATE');
  if (at < 0) return false;
  if (tokens.some(({ kind, text }) => kind === 'word' && NOT_BESIDE.has(text)))
    throw new OraError(2014, 'cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.');
  return true;
}
