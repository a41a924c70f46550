import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  covers,
  keyPattern,
  matches,
  patternProblem,
  sharedKey,
} from '../../functions/parsing/key_pattern.ts';

const MOST = 250;
/** Few characters, so that patterns and keys often meet; with two that UTF-16 spells by two units, whose halves they share. */
const character = fc.constantFrom('a', 'b', ':', '*', '?', '\\', 'é', '\u{1f600}', '\u{1f601}');
const text = (most: number) => fc.array(character, { maxLength: most }).map((all) => all.join(''));
const spelt = (literal: string) => literal.replaceAll(/[*?\\]/g, '\\$&');
/** A pattern of texts with stars between them. */
const pattern = fc
  .array(text(3), { minLength: 1, maxLength: 5 })
  .map((pieces) => pieces.map(spelt).join('*'))
  .filter((each) => each !== '');

/** By trying: nothing clever. */
function naive(glob: string, key: string): boolean {
  if (glob === '') return key === '';
  if (glob.startsWith('*')) return naive(glob.slice(1), key) || (key !== '' && naive(glob, key.slice(1)));
  const length = glob.startsWith('\\') ? 2 : 1;
  return key !== '' && key[0] === glob[length - 1] && naive(glob.slice(length), key.slice(1));
}

test('a star stands for any characters, also for none, and each other character for itself', () => {
  const of = (glob: string) => (key: string) => matches(keyPattern(glob), key);
  for (const [glob, yes, no] of [
    ['*', ['', 'a', 'order::1'], []],
    ['order::*', ['order::', 'order::1', 'order::1::x'], ['order:1', 'orders::1', 'xorder::1']],
    ['*::7', ['::7', 'a::7', '::7::7'], ['::7a', '7']],
    ['a*a', ['aa', 'aba'], ['a', 'ab']],
    ['a*b*c', ['abc', 'axbxc', 'abbc'], ['acb', 'ac']],
    ['order', ['order'], ['order1', 'orde', '']],
    ['a\\*b\\?c\\\\', ['a*b?c\\'], ['axbxc\\', 'a*b?c']],
    ['**', ['', 'a'], []],
    ['ключ*é', ['ключé', 'ключ::é'], ['ключ', 'ключe']],
  ] as const) {
    for (const key of yes) assert.equal(of(glob)(key), true, `${glob} ${key}`);
    for (const key of no) assert.equal(of(glob)(key), false, `${glob} ${key}`);
  }
});

test('it matches what trying each place would match', () => {
  fc.assert(
    fc.property(pattern, text(8), (glob, key) => {
      assert.equal(matches(keyPattern(glob), key), naive(glob, key));
    }),
    { numRuns: 400 },
  );
});

test('a pattern that invites to try again and again is matched in a few steps for each character', () => {
  const steps = (length: number) => {
    const glob = keyPattern(`*${`${'a'.repeat(length / 10)}b*`.repeat(4)}`);
    const key = 'a'.repeat(length);
    let looked = 0;
    const counted = {
      length,
      startsWith: (text: string) => key.startsWith(text),
      endsWith: (text: string) => key.endsWith(text),
      charCodeAt: (at: number) => {
        looked++;
        return key.charCodeAt(at);
      },
    };
    assert.equal(matches(glob, counted as unknown as string), false);
    return looked;
  };
  assert.ok(steps(20_000) <= 4 * 20_000, String(steps(20_000)));
  assert.ok(steps(20_000) <= 2.2 * steps(10_000));
});

test('two patterns share a key exactly where there is one, and the key that is told is one', () => {
  fc.assert(
    fc.property(pattern, pattern, text(6), (one, other, key) => {
      const [a, b] = [keyPattern(one), keyPattern(other)];
      const shared = sharedKey(a, b, MOST);
      if (shared !== null) assert.deepEqual([matches(a, shared), matches(b, shared)], [true, true]);
      // What is found by chance must have been found by them.
      else assert.equal(matches(a, key) && matches(b, key), false, `${one} ${other} ${key}`);
      assert.equal(sharedKey(b, a, MOST) === null, shared === null);
    }),
    { numRuns: 400 },
  );
  const between = (one: string, other: string, most = MOST) =>
    sharedKey(keyPattern(one), keyPattern(other), most);
  assert.equal(between('order::*', '*::7'), 'order::7');
  assert.equal(between('order::*', 'invoice::*'), null);
  assert.equal(between('*', '*'), 'a');
  assert.equal(between('ab*', '*bc'), 'abc');
  assert.equal(between('a\\**', 'a*'), 'a*');
});

test('patterns whose shortest common key is longer than any key share none', () => {
  const [one, other] = [keyPattern(`${'x'.repeat(200)}*`), keyPattern(`*${'y'.repeat(100)}`)];
  assert.equal(sharedKey(one, other, 250), null);
  assert.equal(sharedKey(one, other, 300), 'x'.repeat(200) + 'y'.repeat(100));
  const [wide, tail] = [keyPattern(`${'é'.repeat(100)}*`), keyPattern(`*${'z'.repeat(50)}`)];
  assert.deepEqual([sharedKey(wide, tail, 249), sharedKey(wide, tail, 250)?.length], [null, 150]);
});

test('one pattern covers another where it matches each of its keys', () => {
  const isCovered = (wide: string, narrow: string) => covers(keyPattern(wide), keyPattern(narrow));
  for (const [wide, narrow, expected] of [
    ['_sync:*', '_sync:rev:*', true],
    ['_sync:*', '_sync:*', true],
    ['_sync:*', '_sync*', false],
    ['*', 'order::*', true],
    ['*a*', '*ba', true],
    ['*a*b*', '*b*a*', false],
    ['*', '*', true],
  ] as const)
    assert.equal(isCovered(wide, narrow), expected, `${wide} ${narrow}`);
  fc.assert(
    fc.property(pattern, pattern, text(6), (wide, narrow, key) => {
      if (isCovered(wide, narrow) && matches(keyPattern(narrow), key))
        assert.ok(matches(keyPattern(wide), key));
    }),
    { numRuns: 200 },
  );
});

test('what no pattern can be is told, with what to write instead', () => {
  for (const [glob, problem] of [
    ['', /must not be empty/],
    ['order::?', /only \* is one: write \\\?/],
    ['order\\', /must stand before/],
    ['or\\der', /must stand before/],
    ['\ud800*', /lone surrogate/],
    [`${'é'.repeat(126)}*`, /wants 252 bytes, and no key has more than 250/],
  ] as const)
    assert.match(patternProblem(glob, MOST) ?? '', problem);
  for (const glob of ['*', 'a\\?', '\\\\*', `${'é'.repeat(125)}*`])
    assert.equal(patternProblem(glob, MOST), null);
});
