/** Cuts Oracle SQL into tokens. */
import { OraError } from '../ora.ts';

export type Token =
  /** Keywords, names and functions without quotes: in capitals, as Oracle knows them. */
  | { readonly kind: 'word'; readonly text: string }
  /** A name in quotes, without them. */
  | { readonly kind: 'quoted'; readonly text: string }
  /** A bind variable, by its name. */
  | { readonly kind: 'bind'; readonly text: string }
  /** Numbers, strings with their quotes, operators, brackets. */
  | { readonly kind: 'literal' | 'operator'; readonly text: string };

/** A string of SQL. */
export function literal(text: string): Token {
  return { kind: 'literal', text: `'${text.replaceAll("'", "''")}'` };
}

const PATTERN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:[^']|'')*')|"(?<quoted>[^"]+)"|:\s*"?(?<bind>\w+)"?|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z][\w$#]*)|(?<operator><=|>=|<>|!=|\|\||[-+*/=<>(),.])/y;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  const text = sql.trim().replace(/;$/, '');
  for (let at = 0; at < text.length; ) {
    PATTERN.lastIndex = at;
    const found = PATTERN.exec(text)?.groups;
    if (found === undefined) throw new OraError(911, `invalid character at position ${at}`);
    at = PATTERN.lastIndex;
    const { string, quoted, bind, number, word, operator } = found;
    if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase() });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
    else if (bind !== undefined) tokens.push({ kind: 'bind', text: bind.toUpperCase() });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (string !== undefined || number !== undefined)
      tokens.push({ kind: 'literal', text: string ?? (number as string) });
  }
  return tokens;
}
