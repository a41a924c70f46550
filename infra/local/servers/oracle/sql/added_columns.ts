/** New columns of a table, as PostgreSQL wants them. */
import type { Token } from './tokens.ts';

/** ADD (a …, b …) as ADD a …, ADD b …: brackets around new columns are Oracle's own. */
export function addedOneByOne(tokens: readonly Token[]): Token[] {
  const opening = tokens.findIndex(({ text }, index) => text === '(' && tokens[index - 1]?.text === 'ADD');
  if (opening < 0) return [...tokens];
  const add = tokens[opening - 1] as Token;
  let depth = 0;
  const columns = tokens.slice(opening + 1, -1).flatMap((token) => {
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    return token.text === ',' && depth === 0 ? [token, add] : [token];
  });
  return [...tokens.slice(0, opening), ...columns];
}
