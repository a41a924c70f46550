/**
 * Types of the columns of projections, as settings write them: as Oracle does, `NUMBER(12, 2)`, or by their parts, where there is more to say,
 * `{ kind: 'timestamp', formats: ['iso', 'milliseconds'] }`.
 */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';
import type { ColumnType } from '../projection/types/column_type.ts';

const [MOST_BYTES, MOST_RAW, MOST_DIGITS] = [4000, 2000, 38];
/** Of a second that a TIMESTAMP has where nobody says it. */
const FRACTION = 6;

const FORMATS = v.optional(
  v.pipe(
    v.array(v.picklist(['iso', 'seconds', 'milliseconds'])),
    v.minLength(1, 'there must be 1 or more'),
    v.check((formats) => new Set(formats).size === formats.length, 'each must be there once'),
  ),
  ['iso'],
);

const NUMBER = v.pipe(
  v.strictObject({
    kind: v.literal('number'),
    precision: v.optional(v.nullable(whole(1, MOST_DIGITS)), null),
    /** Digits after the point: none where there is a precision alone. */
    scale: v.optional(v.nullable(whole(0, MOST_DIGITS)), null),
  }),
  v.check(
    ({ precision, scale }) => precision !== null || scale === null,
    'a scale needs a precision: write { precision: 12, scale: 2 }, or neither of them for 38 significant digits',
  ),
  v.check(
    ({ precision, scale }) => precision === null || scale === null || scale <= precision,
    'its scale must be its precision or less',
  ),
  v.transform(({ kind, precision, scale }) => ({
    ...{ kind, precision, scale: precision === null ? null : (scale ?? 0) },
  })),
);

const PARTS = v.variant('kind', [
  NUMBER,
  v.strictObject({ kind: v.literal('double') }),
  v.strictObject({
    kind: v.literal('text'),
    length: whole(1, MOST_BYTES),
    unit: v.picklist(['bytes', 'characters']),
  }),
  v.strictObject({ kind: v.literal('clob') }),
  v.strictObject({ kind: v.literal('boolean'), native: v.optional(v.boolean(), false) }),
  v.strictObject({ kind: v.literal('date'), formats: FORMATS }),
  v.strictObject({
    kind: v.literal('timestamp'),
    zone: v.optional(v.boolean(), false),
    fraction: v.optional(whole(0, 9), FRACTION),
    formats: FORMATS,
  }),
  v.strictObject({
    kind: v.literal('raw'),
    length: whole(1, MOST_RAW),
    encoding: v.optional(v.picklist(['hex', 'base64']), 'hex'),
  }),
  v.strictObject({ kind: v.literal('json'), native: v.optional(v.boolean(), false) }),
]);

/** Where `(n)` or `(n, m)` may stand, it is read as numbers; what they may be is said by `PARTS`. */
const WRITTEN: readonly (readonly [RegExp, (numbers: readonly number[]) => object])[] = [
  [/^NUMBER$/, () => ({ kind: 'number' })],
  [/^NUMBER ?\((\d{1,3})\)$/, ([precision]) => ({ kind: 'number', precision })],
  [/^NUMBER ?\((\d{1,3}), ?(\d{1,3})\)$/, ([precision, scale]) => ({ kind: 'number', precision, scale })],
  [/^BINARY_DOUBLE$/, () => ({ kind: 'double' })],
  [/^VARCHAR2 ?\((\d{1,5}) CHAR\)$/, ([length]) => ({ kind: 'text', length, unit: 'characters' })],
  [/^VARCHAR2 ?\((\d{1,5}) BYTE\)$/, ([length]) => ({ kind: 'text', length, unit: 'bytes' })],
  [/^CLOB$/, () => ({ kind: 'clob' })],
  [/^BOOLEAN$/, () => ({ kind: 'boolean', native: true })],
  [/^DATE$/, () => ({ kind: 'date' })],
  [/^TIMESTAMP$/, () => ({ kind: 'timestamp' })],
  [/^TIMESTAMP ?\((\d{1,2})\)$/, ([fraction]) => ({ kind: 'timestamp', fraction })],
  [/^TIMESTAMP WITH TIME ZONE$/, () => ({ kind: 'timestamp', zone: true })],
  [
    /^TIMESTAMP ?\((\d{1,2})\) WITH TIME ZONE$/,
    ([fraction]) => ({ kind: 'timestamp', zone: true, fraction }),
  ],
  [/^RAW ?\((\d{1,5})\)$/, ([length]) => ({ kind: 'raw', length })],
  [/^JSON$/, () => ({ kind: 'json', native: true })],
];

const HOW =
  "it is no type that a column can have: write NUMBER, NUMBER(12, 2), BINARY_DOUBLE, VARCHAR2(100 CHAR), VARCHAR2(100 BYTE), CLOB, BOOLEAN (23ai) or { kind: 'boolean' }, " +
  "DATE, TIMESTAMP(6), TIMESTAMP(6) WITH TIME ZONE, RAW(16), JSON (21c) or { kind: 'json' }";

const TEXT = v.pipe(
  v.string(),
  v.check((written) => partsIn(written) !== null, HOW),
  v.transform(partsIn),
  PARTS,
);

/** Null for what is no type. */
function partsIn(written: string): object | null {
  for (const [pattern, parts] of WRITTEN) {
    const found = pattern.exec(written);
    if (found !== null) return parts(found.slice(1).map(Number));
  }
  return null;
}

export const COLUMN_TYPE: v.GenericSchema<WrittenType, ColumnType> = v.lazy((input) =>
  typeof input === 'string' ? TEXT : PARTS,
);

/** As it is written: the type in Oracle's words, or its parts. */
export type WrittenType = string | v.InferInput<typeof PARTS>;
