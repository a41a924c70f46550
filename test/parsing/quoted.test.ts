import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { described, quoted, shortened } from '../../functions/parsing/quoted.ts';

test('a short text is quoted whole, a long one only at its beginning, with its length', () => {
  assert.equal(quoted('a"b\n'), '"a\\"b\\n"');
  assert.equal(quoted('x'.repeat(100)), `"${'x'.repeat(100)}"`);
  assert.equal(quoted('x'.repeat(101)), `"${'x'.repeat(100)}…" (101 characters)`);
  assert.equal(quoted('abcdef', 3), '"abc…" (6 characters)');
  assert.equal(quoted('ab😀cd', 3), '"ab…" (6 characters)');
});

test('a quotation has a bound, whatever the text', () => {
  const text = fc.array(fc.constantFrom('a', '"', '\\', '\n', '\0', 'é', '😀', '\ud800', '\udc00'));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (units, most) => {
      // An escape has 6 characters.
      const quotation = quoted(units.join(''), most);
      assert.ok(quotation.length <= 6 * most + 40);
      assert.ok(quotation.isWellFormed());
    }),
  );
});

test('a description has the kind and the size of a value, and nothing of the value', () => {
  const secret = 'secret';
  assert.deepEqual([undefined, null, secret, [secret], { [secret]: secret }, 4111, true].map(described), [
    ...['nothing', 'null', 'a text of 6 characters', 'an array of 1 elements', 'an object', 'a number'],
    'a boolean',
  ]);
});

test('a text of just so many characters is quoted whole, and the first and the last pair of surrogates are not cut', () => {
  assert.equal(quoted('abc', 3), '"abc"');
  assert.deepEqual([shortened('abc', 3), shortened('abcd', 3)], ['abc', 'abc…']);
  // The first high surrogate, and the first low one.
  assert.equal(shortened('a\u{10000}b', 2), 'a…');
  assert.equal(shortened('a\u{10000}b', 3), 'a\u{10000}…');
});
