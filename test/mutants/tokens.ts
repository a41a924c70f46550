/** Cuts JavaScript into tokens, well enough to find what can be mutated. TypeScript's types are to be blanked out before. */

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign';
  readonly text: string;
  readonly at: number;
}

const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+|[\d_]+\.?[\d_]*(?:[eE][+-]?\d+)?)n?/y;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const REGULAR = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const SIGN =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\*\*|<<|>>|[-+*/%&|^]=|[\s\S]/y;
/** Words after which an expression begins, so that a slash there begins a regular expression. */
const BEFORE_EXPRESSION = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'yield',
  'await',
  'void',
  'throw',
]);

/** Whether a value ends here: a slash, a plus or a minus after it stands between two operands. */
export function endsValue(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'word') return !BEFORE_EXPRESSION.has(token.text);
  return token.kind !== 'sign' || [')', ']', '}'].includes(token.text);
}

export function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(code)?.[0];
  };
  for (let at = 0; at < code.length; ) {
    const blank = match(SPACE, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const token = { at, ...tokenAt(code, at, match, tokens.at(-1)) };
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(
  code: string,
  at: number,
  match: (pattern: RegExp, at: number) => string | undefined,
  before: Token | undefined,
): Omit<Token, 'at'> {
  if (code[at] === '`') return { kind: 'text', text: code.slice(at, templateEnd(code, at + 1)) };
  const regular = code[at] === '/' && !endsValue(before) ? match(REGULAR, at) : undefined;
  const text = match(STRING, at) ?? regular;
  if (text !== undefined) return { kind: 'text', text };
  const word = match(WORD, at);
  if (word !== undefined) return { kind: 'word', text: word };
  const number = /\d/.test(code[at] ?? '') ? match(NUMBER, at) : undefined;
  if (number !== undefined) return { kind: 'number', text: number };
  return { kind: 'sign', text: match(SIGN, at) ?? '' };
}

/** Where a template ends, with all that is nested in it: text is not mutated, nor what it is made of. */
function templateEnd(code: string, from: number): number {
  for (let at = from; at < code.length; at++) {
    if (code[at] === '\\') at++;
    else if (code[at] === '`') return at + 1;
    else if (code.startsWith('${', at)) at = holeEnd(code, at + 2) - 1;
  }
  throw new Error('A template does not end');
}

function holeEnd(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '`') at = templateEnd(code, at + 1) - 1;
    else if (code[at] === '{') depth++;
    else if (code[at] === '}' && --depth === 0) return at + 1;
  }
  throw new Error('A hole of a template does not end');
}
