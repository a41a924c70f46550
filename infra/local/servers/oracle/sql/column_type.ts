/** Column types of CREATE TABLE and ALTER TABLE … ADD, with the limits that PostgreSQL would not keep. */
import { charactersConstraint, lengthConstraint, OraError } from '../ora.ts';
import type { Release } from '../releases.ts';
import { zonedType } from '../times.ts';
import { engineName } from './names.ts';
import { byteLength, characterLength } from './text.ts';
import type { Token } from './tokens.ts';

interface Sized {
  readonly sizes: readonly number[];
  /** Whether a length is in characters. */
  readonly characters: boolean;
  readonly zone: boolean;
}

/** Oracle's types, as functions of the column's name and of what stands in brackets and behind them. */
export const TYPES: Readonly<Record<string, (column: string, sized: Sized) => string>> = {
  BINARY_DOUBLE: () => 'double precision',
  BLOB: () => 'bytea',
  BOOLEAN: () => 'boolean',
  CLOB: () => 'text COLLATE "C"',
  DATE: () => '"DATE"',
  JSON: () => 'jsonb',
  NUMBER: (_, { sizes }) => (sizes.length === 0 ? 'numeric' : `numeric(${sizes.join(', ')})`),
  RAW: (column, { sizes: [bytes] }) => `bytea ${limited(column, bytes, `octet_length("${column}")`)}`,
  TIMESTAMP: (_, { sizes: [digits = 6], zone }) => (zone ? zonedType(digits) : timestamp(digits)),
  VARCHAR2: (column, { sizes: [length], characters }) =>
    `varchar COLLATE "C" ${characters ? counted(column, length) : limited(column, length, byteLength(column))}`,
};

/** Without a zone times are PostgreSQL's own, which have six digits behind the second. */
function timestamp(digits: number): string {
  if (digits > 6)
    throw new OraError(3001, 'unimplemented feature: TIMESTAMP with more than 6 digits behind the second');
  return `timestamp(${digits})`;
}

/** Of a VARCHAR2, whatever it counts. */
const MOST_BYTES = 4000;

function counted(column: string, characters: number | undefined): string {
  if (characters === undefined) throw new OraError(906, 'missing left parenthesis: the type needs a length');
  const fits = `${characterLength(column)} <= ${characters} AND ${byteLength(column)} <= ${MOST_BYTES}`;
  return `CONSTRAINT "${charactersConstraint(column, characters)}" CHECK (${fits})`;
}

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
  const has = (text: string, place: number) => tokens[place]?.text === text;
  if (!has('(', at + 1)) {
    const zone = word === 'TIMESTAMP' && has('WITH', at + 1);
    return { text: type(column, { sizes: [], characters: false, zone }), length: zone ? 4 : 1 };
  }
  const end = tokens.findIndex(({ text }, index) => index > at && text === ')');
  if (end < 0) throw new OraError(907, 'missing right parenthesis');
  const inside = tokens.slice(at + 2, end);
  const sizes = inside.flatMap(({ kind, text }, place) =>
    kind === 'literal' ? [Number(text) * (inside[place - 1]?.text === '-' ? -1 : 1)] : [],
  );
  const characters = inside.some(({ text }) => text === 'CHAR');
  const zone = word === 'TIMESTAMP' && has('WITH', end + 1);
  return { text: type(column, { sizes, characters, zone }), length: end - at + (zone ? 4 : 1) };
}
