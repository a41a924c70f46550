/** ROWNUM, where it is the limit of a query: `ROWNUM <= :most` as the last condition. */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';

/** With one of these beside it, PostgreSQL's LIMIT is another thing: it counts rows of the result, and ROWNUM those that are read. */
const NOT_BESIDE = new Set(['OR', 'GROUP', 'DISTINCT', 'COUNT', 'SUM', 'MIN', 'MAX']);

/** Throws ORA-03001 where LIMIT, put into its place, would not be the same. @param at the token of ROWNUM. */
export function requireLimit(tokens: readonly Token[], at: number): void {
  const [operator, limit, next] = tokens.slice(at + 1, at + 4);
  const isLast = next === undefined || next.text === ')' || next.text === 'FOR';
  const isLimit = operator?.text === '<=' && (limit?.kind === 'bind' || limit?.kind === 'literal') && isLast;
  if (!isLimit || !isAlone(tokens.slice(0, at)))
    throw new OraError(
      3001,
      'unimplemented feature: ROWNUM but as the last condition of a query, and its limit',
    );
}

/** Whether the query that is open at the end of these tokens has nothing that LIMIT does not go with. */
function isAlone(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const { kind, text } of tokens.toReversed()) {
    if (text === ')') depth++;
    if (text === '(' && --depth < 0) return false;
    if (depth > 0 || kind !== 'word') continue;
    if (text === 'SELECT') return true;
    if (NOT_BESIDE.has(text)) return false;
  }
  return false;
}
