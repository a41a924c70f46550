import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalDecimal } from '../../functions/protocol/decimal.ts';

/** The exponent of the canonical form, worked out with integers of any size. */
function exponentOf(number: string): bigint {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:e(.+))?$/.exec(number) ?? [];
  const digits = whole + fraction;
  return BigInt(exponent) - BigInt(fraction.length) + BigInt(/0*$/.exec(digits)?.[0].length ?? 0);
}

test('an exponent of any length is added to exactly, with what carries over', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,3}0{0,20}$/);
  const fraction = fc
    .oneof(fc.constant(''), fc.stringMatching(/^\.[0-9]{0,4}0{0,20}[1-9]?$/))
    .filter((text) => text !== '.');
  // Nines and zeros, where sums carry and borrow, and any others.
  const power = fc
    .tuple(
      fc.constantFrom('', '+', '-'),
      fc.stringMatching(/^0{0,3}[019]?(9{0,40}|0{0,40}|[0-9]{1,40})[0-9]$/),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(digits, fraction, power, (whole, after, exponent) => {
      const number = `${whole}${after}e${exponent}`;
      assert.equal(canonicalDecimal(number)?.split('e')[1], String(exponentOf(number)), number);
    }),
    { numRuns: 300 },
  );
});

test('sums carry through all digits', () => {
  for (const [number, form] of [
    [`10e${'9'.repeat(30)}`, `1e1${'0'.repeat(30)}`],
    [`0.1e1${'0'.repeat(30)}`, `1e${'9'.repeat(30)}`],
    [`10e-1${'0'.repeat(30)}`, `1e-${'9'.repeat(30)}`],
    [`0.1e-${'9'.repeat(30)}`, `1e-1${'0'.repeat(30)}`],
    [`1e-${'0'.repeat(30)}`, '1e0'],
    [`1e+${'0'.repeat(30)}7`, '1e7'],
    [`0.1e1${'0'.repeat(14)}`, `1e${'9'.repeat(14)}`],
    [`0.1e1${'0'.repeat(15)}`, `1e${'9'.repeat(15)}`],
    [`10e${'9'.repeat(15)}`, `1e1${'0'.repeat(15)}`],
    ['100e-2', '1e0'],
  ] as const)
    assert.equal(canonicalDecimal(number), form, number);
});

test('the last digits of an exponent that become a power of ten carry over', () => {
  for (const number of [
    '1e2000000000000000',
    '10e1999999999999999',
    '10e999999999999999',
    '0.1e-1999999999999999',
  ])
    assert.equal(canonicalDecimal(number)?.split('e')[1], String(exponentOf(number)), number);
});
