/** Mutants that behave as the source does, so that no test can notice them: each with the reason. */
import { readFileSync } from 'node:fs';
import { type Found, ROOT } from './folders.ts';
import { lineOf } from './mutants.ts';

export interface Same {
  readonly file: string;
  /** The line of the source that holds it, without the space around. */
  readonly line: string;
  readonly was: string;
  readonly is: string;
  readonly why: string;
}

const CHARACTER_AT_END =
  'the code of the character behind the end is NaN, which no comparison takes for a match';

export const SAME: readonly Same[] = [
  {
    ...{ file: 'functions/protocol/json.ts', line: 'for (let i = at + 1; i < text.length; i++) {' },
    ...{ was: '<', is: '<=', why: CHARACTER_AT_END },
  },
  {
    ...{ file: 'functions/protocol/json.ts', was: '<', is: '<=' },
    why: 'the code of the character behind the end is NaN, which is of no word',
    line: 'while (end < text.length && isOfWord(text.charCodeAt(end))) end++;',
  },
  {
    ...{ file: 'functions/protocol/canonical.ts', was: '<=', is: '<' },
    line: 'const isSorted = names.every((name, n) => n === 0 || byUtf8(names[n - 1] as string, name) <= 0);',
    why: 'a sort keeps equal names in their order',
  },
  {
    ...{ file: 'functions/protocol/decimal.ts', was: '<', is: '<=', why: CHARACTER_AT_END },
    line: 'while (at < digits.length && digits.charCodeAt(at) === ZERO) at++;',
  },
  {
    ...{ file: 'functions/protocol/json.ts', line: '(unit >= 0x61 && unit <= 0x7a) ||' },
    ...{ was: '<=', is: '<', why: 'no word of JSON has a z, so a word with one is refused either way' },
  },
  {
    ...{ file: 'functions/protocol/payload.ts', line: 'readonly body: Uint8Array;', was: 'body', is: '' },
    why: 'the constructor makes the member of the body',
  },
  {
    ...{ file: 'functions/protocol/payload.ts', was: 'expiresAt', is: '' },
    line: 'readonly expiresAt: number | null;',
    why: 'the constructor makes the member of the expiry',
  },
  {
    ...{ file: 'functions/protocol/version.ts', was: '>', is: '>=' },
    line: 'for (const version of versions) if (version > highest) highest = version;',
    why: 'of two equal versions either is the highest',
  },
  {
    ...{ file: 'functions/protocol/state.ts', was: '>', is: '>=' },
    line: 'return version > handback ? version : handback;',
    why: 'where both are equal, either is the floor',
  },
  {
    ...{ file: 'functions/protocol/bulk_look.ts', line: 'replies.delete(next.value.name);' },
    ...{ was: 'replies.delete(next.value.name)', is: '' },
    why: 'a second read of the same state finds nothing new, and converge goes on to a write, which no look answers',
  },
  {
    ...{ file: 'functions/runs/walk_shard.ts', line: 'acting: Promise<void> = Promise.resolve();' },
    ...{ was: 'acting: Promise<void> = Promise.resolve()', is: '' },
    why: 'undefined is awaited as a promise that is fulfilled is',
  },
  {
    ...{ file: 'functions/parsing/prefix_range.ts', was: '>=', is: '>' },
    line: 'const inPair = codePoint >= 0xd800 && codePoint <= 0xdfff;',
    why: 'it differs only for a prefix that ends with half of a pair, and no key has one',
  },
];

export function reasonOf({ file, mutant }: Found): string | undefined {
  const source = readFileSync(`${ROOT}/${file}`, 'utf8');
  const line = source.split('\n')[lineOf(source, mutant) - 1]?.trim();
  const { was, is } = mutant;
  return SAME.find((each) => each.file === file && each.line === line && each.was === was && each.is === is)
    ?.why;
}
