/** What only later releases take: IF [NOT] EXISTS in DDL, and a SELECT without FROM. */
import { OraError } from '../ora.ts';
import type { Release } from '../releases.ts';
import type { Token } from './tokens.ts';

/** The same statement, with IF [NOT] EXISTS as one token that is PostgreSQL's already. Throws what earlier releases say of it. */
export function withoutLeniency(
  tokens: readonly Token[],
  { isLenient }: Pick<Release, 'isLenient'>,
): Token[] {
  const [first, second, third] = tokens.map(({ text }) => text);
  if (first === 'SELECT' && !isLenient && !tokens.some(({ text }) => text === 'FROM'))
    throw new OraError(923, 'FROM keyword not found where expected');
  if (
    !['CREATE', 'DROP'].includes(first ?? '') ||
    !['TABLE', 'INDEX'].includes(second ?? '') ||
    third !== 'IF'
  )
    return [...tokens];
  const length = tokens[3]?.text === 'NOT' ? 3 : 2;
  if (!isLenient || tokens[length + 1]?.text !== 'EXISTS')
    throw first === 'CREATE'
      ? new OraError(922, 'missing or invalid option')
      : new OraError(933, 'SQL command not properly ended');
  const said = tokens.slice(2, 2 + length).map(({ text }) => text);
  return [...tokens.slice(0, 2), { kind: 'operator', text: said.join(' ') }, ...tokens.slice(2 + length)];
}
