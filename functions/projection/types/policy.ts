/** What becomes of a value that is not there, or that does not fit. */
import type { ColumnType } from './column_type.ts';

/** Where there is nothing, or null, or an empty text, which is NULL to Oracle. */
export type Missing =
  | { readonly kind: 'refuse' | 'null' }
  | { readonly kind: 'default'; readonly value: string | number | boolean };

/** `null`: the column is NULL, and the value is counted as lenient. `round`: to what the type holds, by a rule, counted as well. */
export type Misfit =
  | { readonly kind: 'refuse' | 'null' }
  | { readonly kind: 'round'; readonly rule: Rounding };

/**
 * `half-up` and `down` are those of decimal arithmetic: away from zero at a half, and towards zero. Of a time, `down` drops digits, and `half-up` is the later
 * one, before 1970 too. A double is always the nearest one, by `half-even`.
 */
export type Rounding = 'half-even' | 'half-up' | 'down';

/**
 * A value as it is bound, in the one spelling that its type gives it; or NULL. Two values of a column are the same exactly if their spellings are:
 *
 * | type | spelling |
 * |---|---|
 * | number | decimal digits, `-0.05`, `1200`; more than 64 characters as `1.2E-100` |
 * | double | the shortest decimal that leads to it, as ECMAScript writes it: `0.1`, `1e+21` |
 * | text, clob | the text |
 * | boolean | `1` or `0` |
 * | date | `2024-02-29 23:59:59` |
 * | timestamp | the same, with as many digits after a point as its column has, and with ` +01:00` where it has a zone |
 * | raw | hexadecimal digits, in capitals |
 * | json | JSON without spaces; for the native type the members of objects in the order of their names |
 */
export type Bound = string | null;

/** What a column says of its values. */
export interface Typed {
  readonly type: ColumnType;
  readonly missing: Missing;
  readonly misfit: Misfit;
}
