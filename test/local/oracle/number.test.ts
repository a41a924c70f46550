import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeNumber, encodeNumber } from '../../../infra/local/servers/oracle/number.ts';

test('numbers of up to 38 digits survive the wire exactly', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 19 });
  const anyNumber = fc.record({ negative: fc.boolean(), whole: digits, fraction: fc.option(digits) });
  fc.assert(
    fc.property(anyNumber, ({ negative, whole, fraction }) => {
      const plain = whole.replace(/^0+(?=\d)/, '');
      const rest = (fraction ?? '').replace(/0+$/, '');
      const expected = `${plain}${rest && `.${rest}`}`;
      const sign = negative && /[1-9]/.test(expected) ? '-' : '';
      const text = `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`;
      assert.equal(decodeNumber(encodeNumber(text)), `${sign}${expected}`);
    }),
    { numRuns: 2000 },
  );
});

test('numbers look as Oracle’s documentation shows them', () => {
  for (const [text, bytes] of [
    ['0', [128]],
    ['5', [193, 6]],
    ['-5', [62, 96, 102]],
    ['2767', [194, 28, 68]],
    ['-2767', [61, 74, 34, 102]],
    ['100000', [195, 11]],
    ['1234567', [196, 2, 24, 46, 68]],
    ['0.01', [192, 2]],
  ] as const)
    assert.deepEqual([...encodeNumber(text)], bytes, text);
});
