/** The lists of IN. */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';

/** @param longest what may stand between the brackets of IN. */
export function requireShortLists(tokens: readonly Token[], longest: number): void {
  for (const [start, { text }] of tokens.entries()) {
    if (text !== 'IN' || tokens[start + 1]?.text !== '(') continue;
    const end = tokens.findIndex((token, index) => index > start && token.text === ')');
    const commas = tokens.slice(start, end).filter((token) => token.text === ',').length;
    if (commas >= longest) throw new OraError(1795, `maximum number of expressions in a list is ${longest}`);
  }
}
