/** CREATE INDEX as PostgreSQL wants it: an expression in brackets of its own, and no ONLINE, since nobody else is at work here in that moment. */
import type { Token } from './tokens.ts';

export function indexForm(tokens: readonly Token[]): Token[] {
  if (tokens[0]?.text !== 'CREATE' || !tokens.some(({ text }) => text === 'INDEX')) return [...tokens];
  const online = tokens.at(-1)?.text === 'ONLINE' && tokens.at(-2)?.text === ')';
  const left = online ? tokens.slice(0, -1) : [...tokens];
  const opening = left.findIndex(({ text }, at) => text === '(' && left[at + 1]?.text === 'CASE');
  if (opening < 0) return left;
  const bracket = (text: string): Token => ({ kind: 'operator', text });
  return [...left.slice(0, opening + 1), bracket('('), ...left.slice(opening + 1), bracket(')')];
}
