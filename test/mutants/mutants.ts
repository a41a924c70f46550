/** The mutants of a source: each differs from it in one operator, condition, answer or statement. */
import { stripTypeScriptTypes } from 'node:module';
import { endsValue, type Token, tokensOf } from './tokens.ts';

export interface Mutant {
  readonly at: number;
  /** What stands there, and what is put there instead. */
  readonly was: string;
  readonly is: string;
}

const OPERATORS: ReadonlyMap<string, readonly string[]> = new Map([
  ['===', ['!==']],
  ['!==', ['===']],
  ['<', ['<=', '>=']],
  ['<=', ['<', '>']],
  ['>', ['>=', '<=']],
  ['>=', ['>', '<']],
  ['&&', ['||']],
  ['||', ['&&']],
  ['??', ['&&']],
  ['*', ['/']],
  ['/', ['*']],
  ['%', ['*']],
  ['true', ['false']],
  ['false', ['true']],
]);
const OPENING = new Set('([{');
const CLOSING = new Set(')]}');
/** Words that begin no statement that can be left out. */
const NEEDED = new Set(
  (
    'const let var return if else for while do switch case default break continue throw try catch finally function ' +
    'class import export async static get set constructor private readonly type interface super'
  ).split(' '),
);

/** Those that are no JavaScript are left out. */
export function mutantsOf(source: string): Mutant[] {
  const code = stripTypeScriptTypes(source);
  if (code.length !== source.length) throw new Error('Places in the source have moved');
  const tokens = tokensOf(code);
  const all = tokens.flatMap((token, index) => [
    ...operators(tokens, token, index),
    ...conditions(tokens, token, index, source),
    ...answers(tokens, token, index, source),
    ...statements(tokens, token, index, source),
  ]);
  return all.filter((mutant) => isCode(applied(source, mutant)));
}

export function applied(source: string, { at, was, is }: Mutant): string {
  return source.slice(0, at) + is + source.slice(at + was.length);
}

export function lineOf(source: string, { at }: Mutant): number {
  return source.slice(0, at).split('\n').length;
}

function isCode(source: string): boolean {
  try {
    stripTypeScriptTypes(source);
    return true;
  } catch {
    return false;
  }
}

function operators(tokens: readonly Token[], { kind, text, at }: Token, index: number): Mutant[] {
  if (kind === 'text' || kind === 'number') return [];
  const before = tokens[index - 1];
  // A member may bear the name of a word, and a star may mark a generator.
  if (kind === 'word' && (before?.text === '.' || tokens[index + 1]?.text === ':')) return [];
  if (text === '!') return [{ at, was: text, is: '' }];
  if (text === '+' || text === '-')
    return endsValue(before) ? [{ at, was: text, is: text === '+' ? '-' : '+' }] : [];
  if (text === '*' && (before?.text === 'yield' || before?.text === 'function' || !endsValue(before)))
    return [];
  return (OPERATORS.get(text) ?? []).map((is) => ({ at, was: text, is }));
}

function conditions(tokens: readonly Token[], { text }: Token, index: number, source: string): Mutant[] {
  if (!['if', 'while'].includes(text) || tokens[index + 1]?.text !== '(') return [];
  const close = matching(tokens, index + 1);
  const [first, last] = [tokens[index + 2], tokens[close - 1]];
  if (first === undefined || last === undefined) return [];
  const was = between(source, first, last);
  return (text === 'if' ? ['true', 'false'] : ['false']).map((is) => ({ at: first.at, was, is }));
}

function answers(tokens: readonly Token[], { text }: Token, index: number, source: string): Mutant[] {
  if (text !== 'return') return [];
  const [first, last] = [tokens[index + 1], tokens[endOfStatement(tokens, index) - 1]];
  if (first === undefined || last === undefined || first.at > last.at) return [];
  const was = between(source, first, last);
  // Where false is answered, it is mutated as an operator is: most callers take nothing for false, too.
  return ['undefined', 'null', 'false'].includes(was) ? [] : [{ at: first.at, was, is: 'undefined' }];
}

function statements(tokens: readonly Token[], token: Token, index: number, source: string): Mutant[] {
  const before = tokens[index - 1];
  if (token.kind !== 'word' || NEEDED.has(token.text) || token.text.startsWith('#')) return [];
  if (before === undefined || !(';{})'.includes(before.text) || before.text === 'else')) return [];
  const end = endOfStatement(tokens, index);
  const [first, last] = [tokens[index], tokens[end - 1]];
  if (tokens[end]?.text !== ';' || first === undefined || last === undefined) return [];
  return [{ at: first.at, was: between(source, first, last), is: '' }];
}

/** The index of the semicolon, or of whatever closes what the statement stands in. */
function endOfStatement(tokens: readonly Token[], from: number): number {
  let index = from;
  while (index < tokens.length) {
    const text = tokens[index]?.text ?? '';
    if (text === ';' || CLOSING.has(text)) return index;
    index = tokens[index]?.kind === 'sign' && OPENING.has(text) ? matching(tokens, index) + 1 : index + 1;
  }
  return index;
}

function matching(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const { kind, text } = tokens[index] as Token;
    if (kind !== 'sign') continue;
    if (OPENING.has(text)) depth++;
    else if (CLOSING.has(text) && --depth === 0) return index;
  }
  throw new Error('A bracket is not closed');
}

function between(source: string, first: Token, last: Token): string {
  return source.slice(first.at, last.at + last.text.length);
}
