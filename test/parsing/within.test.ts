import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withinBytes } from '../../functions/parsing/within.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', 'é', '\uffff', '\ufffd', '\u{10ffff}') });

test('the beginning of a text has as many whole characters as so many bytes have room for', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (text, bytes) => {
      const characters = [...text];
      while (Buffer.byteLength(characters.join('')) > bytes) characters.pop();
      assert.equal(withinBytes(text, bytes), characters.join(''));
    }),
  );
});

test('a text that fits stays as it is, also where its last character stands for one that could not be read', () => {
  assert.equal(withinBytes('caf\ufffd', 100), 'caf\ufffd');
});
