/** A value as a type takes it. Null and what is not there are no values. */
import { type Json, scalarIn } from '../../protocol/json.ts';
import type { ColumnType } from './column_type.ts';
import { fittedDouble } from './double.ts';
import { type Fitted, fits, misfit } from './fitted.ts';
import { fittedJson } from './json_text.ts';
import { kindOf } from './kind_of.ts';
import { fittedNumber } from './number.ts';
import { fittedClob, fittedRaw, fittedText } from './text.ts';
import { fittedTime } from './time.ts';

export function fit(type: ColumnType, json: Json): Fitted {
  switch (type.kind) {
    case 'number':
      return fittedNumber(type, json);
    case 'double':
      return fittedDouble(json);
    case 'text':
      return fittedText(type, json);
    case 'clob':
      return fittedClob(json);
    case 'boolean':
      return fittedBoolean(json);
    case 'date':
    case 'timestamp':
      return fittedTime(type, json);
    case 'raw':
      return fittedRaw(type, json);
    case 'json':
      return fittedJson(json, type.native);
  }
}

function fittedBoolean(json: Json): Fitted {
  const scalar = scalarIn(json);
  return scalar?.kind === 'boolean'
    ? fits(scalar.is ? '1' : '0')
    : misfit(`there is ${kindOf(json)}, neither true nor false,`);
}
