/** Column types of CREATE TABLE and ALTER TABLE … ADD, with the limits that PostgreSQL would not keep. */
import { lengthConstraint, OraError } from '../ora.ts';
import type { Release } from '../releases.ts';
import { engineName } from './names.ts';
import { byteLength } from './text.ts';
import type { Token } from './tokens.ts';

/** Oracle's types, as functions of their numbers in brackets and of the column's name. */
export const TYPES: Readonly<Record<string, (column: string, sizes: readonly number[]) => string>> = {
  BLOB: () => 'bytea',
  BOOLEAN: () => 'boolean',
  CLOB: () => 'text COLLATE "C"',
  DATE: () => 'timestamp(0)',
  JSON: () => 'bytea',
  NUMBER: (_, sizes) => (sizes.length === 0 ? 'numeric' : `numeric(${sizes.join(', ')})`),
  RAW: (column, [bytes]) => `bytea ${limited(column, bytes, `octet_length("${column}")`)}`,
  TIMESTAMP: (_, [digits = 6]) => `timestamp(${Math.min(digits, 6)})`,
  VARCHAR2: (column, [bytes]) => `varchar COLLATE "C" ${limited(column, bytes, byteLength(column))}`,
};

function limited(column: string, bytes: number | undefined, length: string): string {
  if (bytes === undefined) throw new OraError(906, 'missing left parenthesis: the type needs a length');
  return `CONSTRAINT "${lengthConstraint(column, bytes)}" CHECK (${length} <= ${bytes})`;
}

/** The type that begins at a token, and how many tokens it takes. */
export function columnType(
  tokens: readonly Token[],
  at: number,
  { lacks }: Pick<Release, 'lacks'>,
): { text: string; length: number } {
  const [column, word] = [engineName(tokens[at - 1]?.text ?? ''), tokens[at]?.text ?? ''];
  const type = TYPES[word];
  if (type === undefined || lacks.has(word)) throw new OraError(902, 'invalid datatype');
  if (tokens[at + 1]?.text !== '(') return { text: type(column, []), length: 1 };
  const end = tokens.findIndex(({ text }, index) => index > at && text === ')');
  if (end < 0) throw new OraError(907, 'missing right parenthesis');
  const sizes = tokens.slice(at + 2, end).filter(({ kind }) => kind === 'literal');
  if (tokens.slice(at + 2, end).some(({ text }) => text === 'CHAR'))
    throw new OraError(3001, 'unimplemented feature: lengths in characters');
  return {
    text: type(
      column,
      sizes.map(({ text }) => Number(text)),
    ),
    length: end - at + 1,
  };
}
