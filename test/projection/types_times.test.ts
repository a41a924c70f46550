/** DATE and TIMESTAMP: from texts and numbers, in the calendar that Oracle has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ColumnType, TimeFormat } from '../../functions/projection/types/column_type.ts';
import type { Misfit, Rounding } from '../../functions/projection/types/policy.ts';
import { valueFor } from '../../functions/projection/types/value.ts';
import { type Json, readJson } from '../../functions/protocol/json.ts';

const ALL: readonly TimeFormat[] = ['iso', 'seconds', 'milliseconds'];
const date = (formats = ALL): ColumnType => ({ kind: 'date', formats });
const timestamp = (fraction: number, formats = ALL): ColumnType => ({
  kind: 'timestamp',
  zone: false,
  fraction,
  formats,
});
const zoned = (fraction: number): ColumnType => ({ kind: 'timestamp', zone: true, fraction, formats: ALL });

function told(type: ColumnType, source: string, rule?: Rounding): string {
  const misfit: Misfit = rule === undefined ? { kind: 'refuse' } : { kind: 'round', rule };
  const value = valueFor({ type, missing: { kind: 'refuse' }, misfit }, readJson(source) as Json);
  if ('problem' in value) return `problem: ${value.problem}`;
  return value.became === null ? `${value.bound}` : `${value.became} ${value.bound}`;
}

test('times are read as RFC 3339 has them, and as programs shorten them', () => {
  for (const [type, text, spelling] of [
    [date(), '2024-02-29', '2024-02-29 00:00:00'],
    [date(), '2000-02-29T23:59:59Z', '2000-02-29 23:59:59'],
    [date(), '2024-03-01T00:30:00+01:00', '2024-02-29 23:30:00'],
    [date(), '0001-01-01', '0001-01-01 00:00:00'],
    [date(), '9999-12-31T23:59:59', '9999-12-31 23:59:59'],
    [date(), '2024-01-01 10:20', '2024-01-01 10:20:00'],
    [date(), '2024-01-01t10:20:30.000z', '2024-01-01 10:20:30'],
    [timestamp(3), '2024-01-01T10:20:30.120Z', '2024-01-01 10:20:30.120'],
    [timestamp(0), '2024-01-01T10:20:30Z', '2024-01-01 10:20:30'],
    [timestamp(9), '1969-12-31T23:59:59.123456789Z', '1969-12-31 23:59:59.123456789'],
    [timestamp(3), '2024-01-01T10:20:30-0330', '2024-01-01 13:50:30.000'],
    [timestamp(3), '2024-01-01T10:20:30+05', '2024-01-01 05:20:30.000'],
    [zoned(3), '2024-01-01T10:20:30.5+05:45', '2024-01-01 10:20:30.500 +05:45'],
    [zoned(0), '2024-01-01T10:20:30-12:59', '2024-01-01 10:20:30 -12:59'],
    [zoned(0), '2024-01-01T10:20:30+14:00', '2024-01-01 10:20:30 +14:00'],
    [zoned(0), '2024-01-01T10:20:30-00:00', '2024-01-01 10:20:30 +00:00'],
    [zoned(0), '2024-01-01', '2024-01-01 00:00:00 +00:00'],
    [date(), '1582-10-04T23:59:59', '1582-10-04 23:59:59'],
    [date(), '1582-10-15', '1582-10-15 00:00:00'],
  ] as const)
    assert.equal(told(type, JSON.stringify(text)), spelling, text);
});

test('what is no time, or none that Oracle has, is told', () => {
  const ofZone = ['2024-01-01T00:00:00+14:01', '2024-01-01T00:00:00-13:00', '0001-01-01T00:00:00+01:00'];
  for (const [type, text] of [
    ...[
      '2023-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-04-31',
      '2024-01-00',
      '0000-12-31',
      '2024-01-01T24:00:00Z',
      '2024-01-01T10:60:00Z',
      '2016-12-31T23:59:60Z',
      '2024-01-01T10:00:00+24:00',
      '2024-01-01T10:00:00+01:60',
      '2024-01-01T10',
      '2024-01-01T10:20:30,5Z',
      '2024-01-01T10:20:30.Z',
      '2024-01-01T10:20Z[Europe/Paris]',
      ' 2024-01-01',
      '20240101T',
      '1/2/2024',
      '1582-10-05',
      '1582-10-14T23:59:59Z',
      '0001-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59-00:01',
    ].map((text) => [date(), text] as const),
    ...ofZone.map((text) => [zoned(3), text] as const),
  ])
    assert.match(
      told(type, JSON.stringify(text), 'half-even'),
      /^problem: there is a text of \d+ characters, not a/,
      text,
    );
  assert.equal(
    told(date(), 'true'),
    'problem: there is true or false, not a time as iso or seconds or milliseconds,',
  );
  assert.equal(told(date(['iso']), '0'), 'problem: there is a number, not a time as iso,');
  assert.equal(
    told(date(['seconds']), '"2024-01-01"'),
    'problem: there is a text of 10 characters, not a time as seconds,',
  );
});

test('numbers, and texts of digits, are seconds or milliseconds: the first that gives a time', () => {
  for (const [type, source, spelling] of [
    [timestamp(3), '0', '1970-01-01 00:00:00.000'],
    [timestamp(3), '-0.001', '1969-12-31 23:59:59.999'],
    [timestamp(3), '1700000000', '2023-11-14 22:13:20.000'],
    [timestamp(3), '1700000000.25', '2023-11-14 22:13:20.250'],
    [timestamp(3), '"1700000000"', '2023-11-14 22:13:20.000'],
    [timestamp(3), '1700000000123', '2023-11-14 22:13:20.123'],
    [timestamp(3), '"1700000000123"', '2023-11-14 22:13:20.123'],
    [timestamp(3), '253402300799', '9999-12-31 23:59:59.000'],
    [timestamp(3), '253402300800', '1978-01-11 21:31:40.800'],
    [timestamp(3), '-62135596800', '0001-01-01 00:00:00.000'],
    [timestamp(3, ['milliseconds', 'seconds']), '1700000000', '1970-01-20 16:13:20.000'],
    [timestamp(3, ['milliseconds']), '1e12', '2001-09-09 01:46:40.000'],
    [timestamp(9, ['seconds']), '-1.000000001', '1969-12-31 23:59:58.999999999'],
    [timestamp(9, ['seconds']), '1e-9', '1970-01-01 00:00:00.000000001'],
    [zoned(0), '1700000000', '2023-11-14 22:13:20 +00:00'],
  ] as const)
    assert.equal(told(type, source), spelling, source);
  for (const source of ['1e15', '-1e15', '1e99999999999999999999', '"12-34"'])
    assert.match(
      told(timestamp(3), source),
      /^problem: there is a (number|text of 5 characters), not a time/,
    );
});

test('what a fraction has too many digits for is rounded by its rule, and carries into the year', () => {
  for (const [type, source, even, up, down] of [
    [date(), '"2024-02-28T23:59:59.5Z"', '2024-02-29 00:00:00', '2024-02-29 00:00:00', '2024-02-28 23:59:59'],
    [date(), '"2024-01-01T00:00:00.5Z"', '2024-01-01 00:00:00', '2024-01-01 00:00:01', '2024-01-01 00:00:00'],
    [date(), '-1.5', '1969-12-31 23:59:58', '1969-12-31 23:59:59', '1969-12-31 23:59:58'],
    [
      timestamp(3),
      '"2024-12-31T23:59:59.9995Z"',
      '2025-01-01 00:00:00.000',
      '2025-01-01 00:00:00.000',
      '2024-12-31 23:59:59.999',
    ],
    [
      zoned(1),
      '"2024-01-01T10:20:30.25+02:00"',
      '2024-01-01 10:20:30.2 +02:00',
      '2024-01-01 10:20:30.3 +02:00',
      '2024-01-01 10:20:30.2 +02:00',
    ],
    [
      timestamp(9),
      '1.00000000050000000000000000000000001',
      '1970-01-01 00:00:01.000000001',
      '1970-01-01 00:00:01.000000001',
      '1970-01-01 00:00:01.000000000',
    ],
    [date(), '1e-99999', '1970-01-01 00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00'],
  ] as const) {
    assert.match(told(type, source), /^problem: there is a time with more than \d digits behind its second$/);
    for (const [rule, spelling] of [
      ['half-even', even],
      ['half-up', up],
      ['down', down],
    ] as const)
      assert.equal(told(type, source, rule), `rounded ${spelling}`, `${source} ${rule}`);
  }
  assert.match(told(date(), '"9999-12-31T23:59:59.5Z"', 'half-up'), /^problem/);
});

/** Days since the epoch as a date, counted by eras of 400 years that begin in March. */
function civil(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const part = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * part + 2) / 5) + 1;
  const month = part < 10 ? part + 3 : part - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${`${year}`.padStart(4, '0')}-${two(month)}-${two(day)}`;
}

const two = (n: number) => `${n}`.padStart(2, '0');

function clock(second: number): string {
  const ofDay = ((second % 86_400) + 86_400) % 86_400;
  return `${civil((second - ofDay) / 86_400)} ${two(Math.floor(ofDay / 3600))}:${two(Math.floor(ofDay / 60) % 60)}:${two(ofDay % 60)}`;
}

test('a text with its offset, seconds and milliseconds of one instant give the same time', () => {
  // From 1583 on: before it there are the days that Oracle does not have.
  const seconds = fc.integer({ min: -12_212_000_000, max: 253_402_200_000 });
  fc.assert(
    fc.property(
      seconds,
      fc.nat(999_999_999),
      fc.integer({ min: -779, max: 840 }),
      (second, nanos, offset) => {
        const fraction = `${nanos}`.padStart(9, '0');
        const here = `${clock(second + offset * 60)}.${fraction}`;
        const sign = offset < 0 ? '-' : '+';
        const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
        const text = JSON.stringify(`${here.replace(' ', 'T')}${zone}`);
        assert.equal(told(zoned(9), text), `${here} ${zone}`);
        const inUtc = `${clock(second)}.${fraction}`;
        assert.equal(told(timestamp(9), text), inUtc);
        const all = BigInt(second) * 1_000_000_000n + BigInt(nanos);
        assert.equal(told(timestamp(9, ['seconds']), `${all}e-9`), inUtc);
        assert.equal(told(timestamp(9, ['milliseconds']), `"${all}e-6"`), inUtc);
        assert.equal(told(date(), text, 'down'), `${nanos === 0 ? '' : 'rounded '}${clock(second)}`);
      },
    ),
    { numRuns: 300, seed: 32 },
  );
});
