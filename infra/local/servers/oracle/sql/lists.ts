/** The lists of IN. */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';

/** What may stand between the brackets of IN, before 23ai. */
const LONGEST_LIST = 1000;

export function requireShortLists(tokens: readonly Token[]): void {
  for (const [start, { text }] of tokens.entries()) {
    if (text !== 'IN' || tokens[start + 1]?.text !== '(') continue;
    const end = tokens.findIndex((token, index) => index > start && token.text === ')');
    const commas = tokens.slice(start, end).filter((token) => token.text === ',').length;
    if (commas >= LONGEST_LIST)
      throw new OraError(1795, `maximum number of expressions in a list is ${LONGEST_LIST}`);
  }
}
