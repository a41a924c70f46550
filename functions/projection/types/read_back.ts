/** A value of a column as Oracle gives it, in the spelling in which it was bound. What cannot be read as its type stays as it is, and so differs. */
import { canonicalDecimal } from '../../protocol/decimal.ts';
import { readJson } from '../../protocol/json.ts';
import type { ColumnType } from './column_type.ts';
import { digitsOf, spelt } from './digits.ts';
import { nativeSpelling } from './json_text.ts';
import type { Bound } from './policy.ts';

/** @param read what `readText` of `sql.ts` has given: a number for a double, a text for all others. */
export function readBack(type: ColumnType, read: string | number | null): Bound {
  if (read === null) return null;
  const text = String(read);
  if (type.kind === 'number') return numberIn(text) ?? text;
  if (type.kind !== 'json' || !type.native) return text;
  const json = readJson(text);
  return json === null ? text : (nativeSpelling(json) ?? text);
}

/** TM9 leaves out a zero before the point. */
function numberIn(text: string): string | null {
  const decimal = canonicalDecimal(text.replace(/^(-?)\./, '$10.'));
  return decimal === null ? null : spelt(digitsOf(decimal));
}
