/** NUMBER and BINARY_DOUBLE: every digit, or a policy that is counted, or a problem. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ColumnType } from '../../functions/projection/types/column_type.ts';
import type { Misfit, Rounding } from '../../functions/projection/types/policy.ts';
import { readBack } from '../../functions/projection/types/read_back.ts';
import { type Value, valueFor } from '../../functions/projection/types/value.ts';
import { type Json, readJson } from '../../functions/protocol/json.ts';

const RULES: readonly Rounding[] = ['half-even', 'half-up', 'down'];
const REFUSED: Misfit = { kind: 'refuse' };
const NUMBER: ColumnType = { kind: 'number', precision: null, scale: null };
const DOUBLE: ColumnType = { kind: 'double' };
const number = (precision: number, scale: number): ColumnType => ({ kind: 'number', precision, scale });
const round = (rule: Rounding): Misfit => ({ kind: 'round', rule });

function held(type: ColumnType, source: string, misfit = REFUSED): Value {
  return valueFor({ type, missing: { kind: 'refuse' }, misfit }, readJson(source) as Json);
}

/** The spelling, with how it came about. */
function told(value: Value): string {
  if ('problem' in value) return `problem: ${value.problem}`;
  return value.became === null ? `${value.bound}` : `${value.became} ${value.bound}`;
}

test('numbers keep every digit, as texts too', () => {
  for (const [type, source, spelling] of [
    [number(38, 0), '12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    [number(10, 2), '1.50', '1.5'],
    [number(10, 2), '-0.05', '-0.05'],
    [number(10, 2), '1e3', '1000'],
    [number(10, 2), '"12345678.90"', '12345678.9'],
    [number(10, 2), '"-1.5E+2"', '-150'],
    [number(3, 3), '0.001', '0.001'],
    [number(2, 4), '0.0099', '0.0099'],
    [number(3, -2), '99900', '99900'],
    [{ kind: 'number', precision: null, scale: 2 }, `${'9'.repeat(36)}.99`, `${'9'.repeat(36)}.99`],
    [number(5, 0), '-0', '0'],
    [number(5, 0), '"0.000"', '0'],
    [NUMBER, '9007199254740993', '9007199254740993'],
    [NUMBER, '0.30000000000000004', '0.30000000000000004'],
    [NUMBER, '0.00000000000000000000000000000000000001', `0.${'0'.repeat(37)}1`],
    [NUMBER, `1e62`, `1${'0'.repeat(62)}`],
    [NUMBER, `1e63`, `1${'0'.repeat(63)}`],
    [NUMBER, `-1e64`, '-1E64'],
    [NUMBER, '1e-62', `0.${'0'.repeat(61)}1`],
    [NUMBER, '1.5e-63', '1.5E-63'],
    [NUMBER, '1e-130', '1E-130'],
    [NUMBER, `1.${'2'.repeat(37)}e-130`, `1.${'2'.repeat(37)}E-130`],
    [NUMBER, `${'9'.repeat(38)}e88`, `9.${'9'.repeat(37)}E125`],
  ] as const)
    assert.equal(told(held(type, source)), spelling, source);
});

test('what is no number, has too many digits or is too large is told by its size', () => {
  const digits = (before: number, after: number) =>
    `problem: there is a number of ${before} digits before the point and ${after} digits after it`;
  for (const [type, source, problem] of [
    [number(10, 2), '0.005', digits(0, 3)],
    [number(10, 2), '123456789', digits(9, 0)],
    [number(2, 4), '0.01', digits(0, 2)],
    [number(3, -2), '99950', digits(5, 0)],
    [{ kind: 'number', precision: null, scale: 2 }, '0.001', digits(0, 3)],
    [{ kind: 'number', precision: 3, scale: null }, '0.1', digits(0, 1)],
    [number(38, 0), '1e38', digits(39, 0)],
    [number(5, 0), '1e400', digits(401, 0)],
    [NUMBER, '1e126', digits(127, 0)],
    [NUMBER, '1e-131', digits(0, 131)],
    [NUMBER, `1${'0'.repeat(37)}1`, digits(39, 0)],
    [
      NUMBER,
      '1e99999999999999999999999',
      'problem: there is a number of more than 1000000 digits before the point and 0 digits after it',
    ],
    [number(5, 0), '"1,5"', 'problem: there is a text of 3 characters, not a number,'],
    [number(5, 0), '" 5"', 'problem: there is a text of 2 characters, not a number,'],
    [number(5, 0), '"007"', 'problem: there is a text of 3 characters, not a number,'],
    [number(5, 0), '"NaN"', 'problem: there is a text of 3 characters, not a number,'],
    [number(5, 0), 'true', 'problem: there is true or false, not a number,'],
    [number(5, 0), '[1]', 'problem: there is an array of 1 elements, not a number,'],
  ] as const)
    assert.equal(told(held(type, source)), problem, source);
});

test('a number is rounded by its rule, away from zero or towards it, and carries through all digits', () => {
  for (const [type, source, even, up, down] of [
    [number(10, 0), '0.5', '0', '1', '0'],
    [number(10, 0), '1.5', '2', '2', '1'],
    [number(10, 0), '-2.5', '-2', '-3', '-2'],
    [number(10, 0), '2.5000000000000000000000000000000000000001', '3', '3', '2'],
    [number(10, 0), '0.05', '0', '0', '0'],
    [number(10, 2), '19.999', '20', '20', '19.99'],
    [number(10, 2), '12.340000000000002', '12.34', '12.34', '12.34'],
    [number(3, -2), '99850', '99800', '99900', '99800'],
    [NUMBER, `${'9'.repeat(38)}5`, `1${'0'.repeat(39)}`, `1${'0'.repeat(39)}`, `${'9'.repeat(38)}0`],
    [NUMBER, '5e-131', '0', '1E-130', '0'],
    [NUMBER, '1e-9999999999999999999999', '0', '0', '0'],
  ] as const)
    for (const [place, spelling] of [even, up, down].entries())
      assert.equal(told(held(type, source, round(RULES[place] as Rounding))), `rounded ${spelling}`, source);
});

test('no rule makes a number fit that is too large, or becomes so', () => {
  for (const [type, source] of [
    [number(4, 2), '100'],
    [number(4, 2), '99.995'],
    [NUMBER, '1e126'],
    [NUMBER, `${'9'.repeat(39)}e87`],
  ] as const)
    assert.match(told(held(type, source, round('half-up'))), /^problem: there is a number of/, source);
  assert.equal(told(held(number(4, 2), '99.995', round('down'))), 'rounded 99.99');
});

/** A power of ten that is below every number of these properties. */
const FLOOR = 400;

/** The number as a multiple of ten to the power -400. @param text digits with a point, an exponent or neither */
function scaled(text: string): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e(.+))?$/i.exec(text) ?? assert.fail(text);
  const size = BigInt(whole + fraction) * 10n ** BigInt(FLOOR + Number(exponent) - fraction.length);
  return sign === '-' ? -size : size;
}

function roundedTo(size: bigint, unit: bigint, rule: Rounding): bigint {
  const [whole, rest] = [size / unit, size % unit];
  const up =
    rule === 'down' ? false : rest * 2n === unit ? rule === 'half-up' || whole % 2n === 1n : rest * 2n > unit;
  return (whole + (up ? 1n : 0n)) * unit;
}

const decimals = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.stringMatching(/^[1-9][059]{0,44}[0-9]$/),
    fc.integer({ min: -180, max: 120 }),
  )
  .map(([sign, digits, power]) => `${sign}${digits}e${power}`);

test('a column holds the number, or says that it is rounded to the nearest that it holds, or refuses it', () => {
  const types = fc.oneof(
    fc.constant({ precision: 38, highest: 126, scale: null }),
    fc
      .tuple(fc.integer({ min: 1, max: 38 }), fc.integer({ min: -10, max: 60 }))
      .map(([precision, scale]) => ({ precision, highest: precision - scale, scale })),
  );
  fc.assert(
    fc.property(types, decimals, fc.constantFrom(...RULES), ({ precision, highest, scale }, source, rule) => {
      const type: ColumnType = { kind: 'number', precision: scale === null ? null : precision, scale };
      const size = scaled(source) < 0n ? -scaled(source) : scaled(source);
      const lead = String(size).length - FLOOR;
      const finest = scale === null ? Math.max(lead, -129) - 38 : -scale;
      const unit = 10n ** BigInt(FLOOR + (scale === null && lead < -129 ? -130 : finest));
      const limit = 10n ** BigInt(FLOOR + highest);
      const expected = roundedTo(size, unit, rule);
      const value = held(type, source, round(rule));
      if ('problem' in value) {
        assert.ok(size >= limit || expected >= limit, source);
        return;
      }
      assert.equal(value.became, size === expected ? null : 'rounded');
      const bound = scaled(value.bound ?? '');
      assert.equal(bound < 0n ? -bound : bound, expected);
      assert.ok(size < limit && expected < limit);
      assert.ok(bound === 0n || bound < 0n === source.startsWith('-'));
      assert.ok((value.bound ?? '').length <= 65);
    }),
    { numRuns: 1000, seed: 32 },
  );
});

test('a number of very many digits takes time in proportion to them', () => {
  const long = `1${'0'.repeat(400_000)}1e-400001`;
  assert.equal(told(held(number(10, 2), long, round('down'))), 'rounded 1');
  assert.equal(told(held(DOUBLE, long, round('half-even'))), 'rounded 1');
});

test('what a program has written from a double fits a double, and so does what it equals digit by digit', () => {
  for (const [source, spelling] of [
    ['0.1', '0.1'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['12.50', '12.5'],
    ['"1e21"', '1e+21'],
    ['-0', '0'],
    ['1152921504606846976', '1152921504606847000'],
    ['0.1000000000000000055511151231257827021181583404541015625', '0.1'],
    ['-1.7976931348623157e308', '-1.7976931348623157e+308'],
    ['2.2250738585072014e-308', '2.2250738585072014e-308'],
  ] as const)
    assert.equal(told(held(DOUBLE, source)), spelling, source);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      const isHeld = double === 0 || Math.abs(double) >= 2 ** -1022;
      const value = held(DOUBLE, JSON.stringify(double));
      if (isHeld) assert.equal(Number(told(value)), double === 0 ? 0 : double);
      else assert.match(told(value), /below the range/);
      if (Number.isInteger(double)) assert.equal(told(held(DOUBLE, String(BigInt(double)))), told(value));
    }),
    { numRuns: 300, seed: 32 },
  );
});

test('a double that is not the document’s number is told, or counted as rounded', () => {
  for (const [source, problem, rounded] of [
    ['9007199254740993', 'a number of 16 digits, which no double holds,', '9007199254740992'],
    ['-0.1000000000000000001', 'a number of 19 digits, which no double holds,', '-0.1'],
    ['1e-310', 'a number below the range of doubles', '0'],
    ['-1e-999999999999', 'a number below the range of doubles', '0'],
  ] as const) {
    assert.equal(told(held(DOUBLE, source)), `problem: there is ${problem}`);
    assert.equal(told(held(DOUBLE, source, round('half-even'))), `rounded ${rounded}`);
  }
  assert.equal(
    told(held(DOUBLE, '1.8e308', round('half-even'))),
    'problem: there is a number above the range of doubles',
  );
  assert.equal(
    told(held(DOUBLE, '"x"', round('half-even'))),
    'problem: there is a text of 1 characters, not a number,',
  );
});

test('what TM9 gives is read as what was bound', () => {
  for (const [read, bound] of [
    ['.5', '0.5'],
    ['-.05', '-0.05'],
    ['1200', '1200'],
    ['0', '0'],
    ['1E+64', '1E64'],
    ['-1.5E-63', '-1.5E-63'],
    ['no number', 'no number'],
  ] as const)
    assert.equal(readBack(NUMBER, read), bound);
  assert.equal(readBack(DOUBLE, 1e21), '1e+21');
  assert.equal(readBack(DOUBLE, 0.1), '0.1');
  assert.equal(readBack(NUMBER, null), null);
});
