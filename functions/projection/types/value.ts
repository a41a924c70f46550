/** What a column gets of a value: the value in the one spelling of its type (`Bound`), exactly; or what the column's policies say. Nothing is ever cut off. */
import { type Json, readJson } from '../../protocol/json.ts';
import { fit } from './fit.ts';
import type { Bound, Typed } from './policy.ts';

export type Value =
  | {
      readonly bound: Bound;
      /** What a policy has made of a value that did not fit; null where it is exact, or where there was none. */
      readonly became: 'null' | 'rounded' | null;
    }
  /** Why the document is refused, with the kind of the value and its length, never the value: "there is a text of 12 characters". */
  | { readonly problem: string };

/** @param json undefined where there is nothing. */
export function valueFor(column: Typed, json: Json | undefined): Value {
  if (json === undefined || json === 'null') return absent(column, 'there is nothing');
  const fitted = fit(column.type, json);
  switch (fitted.kind) {
    case 'fits':
      return exact(fitted.spelling);
    case 'empty':
      return absent(column, 'there is an empty text, which is NULL to Oracle,');
    case 'misfit': {
      const { misfit } = column;
      if (misfit.kind === 'null') return { bound: null, became: 'null' };
      const rounded = misfit.kind === 'round' ? fitted.rounded(misfit.rule) : null;
      return rounded === null ? { problem: fitted.problem } : { bound: rounded, became: 'rounded' };
    }
  }
}

function absent({ type, missing }: Typed, problem: string): Value {
  if (missing.kind !== 'default') return missing.kind === 'refuse' ? { problem } : exact(null);
  const fitted = fit(type, jsonOfSetting(missing.value));
  if (fitted.kind === 'fits') return exact(fitted.spelling);
  return { problem: `${problem}, and the default does not fit the type` };
}

function exact(bound: Bound): Value {
  return { bound, became: null };
}

/** A default, or a constant, as if a document had it: it is converted as any other value is. */
export function jsonOfSetting(value: string | number | boolean): Json {
  return readJson(JSON.stringify(value)) as Json;
}
