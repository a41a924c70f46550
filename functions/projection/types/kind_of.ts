/** The kind of a value and its size, without the value. */
import { type Json, scalarIn } from '../../protocol/json.ts';

export function kindOf(json: Json): string {
  if (typeof json !== 'string') {
    const count = json.values.length;
    return json.close === ']' ? `an array of ${count} elements` : `an object of ${count} members`;
  }
  const scalar = scalarIn(json);
  if (scalar?.kind === 'text') return `a text of ${scalar.text.length} characters`;
  return scalar === null ? 'null' : scalar.kind === 'number' ? 'a number' : 'true or false';
}
