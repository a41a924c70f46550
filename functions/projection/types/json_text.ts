/**
 * Values that go into a column as JSON. The native type keeps a number as a NUMBER and an object without an order, and drops all but one of the members that have
 * the same name; so what it would change does not fit it. (Oracle JSON Developer's Guide, "JSON Capabilities Specification": names have at most 255 bytes in
 * 21c, and levels are at most 1,000.)
 */

import { type Container, type Json, scalarIn } from '../../protocol/json.ts';
import { byUtf8 } from '../../protocol/order.ts';
import { digitsOf, leadOf, spelt } from './digits.ts';
import { type Fitted, fits, misfit } from './fitted.ts';
import { fittedNumber } from './number.ts';

const [LONGEST_NAME, DEEPEST] = [255, 1000];
/** Powers of ten of a first digit between which a number is written without an exponent. */
const [LEAST_PLAIN, MOST_PLAIN] = [-7, 20];
const ANY_NUMBER = { kind: 'number', precision: null, scale: null } as const;

export function fittedJson(json: Json, native: boolean): Fitted {
  const written = write(json, native);
  return 'problem' in written ? misfit(written.problem) : fits(written.text);
}

/** The spelling of a value that has been read from a column of the native type. */
export function nativeSpelling(json: Json): string | null {
  const written = write(json, true);
  return 'problem' in written ? null : written.text;
}

function write(json: Json, native: boolean): { readonly text: string } | { readonly problem: string } {
  const pieces: string[] = [];
  const problem = appended(json, native, 1, pieces);
  return problem === null ? { text: pieces.join('') } : { problem };
}

/** What is wrong with the value; null where nothing is. */
function appended(json: Json, native: boolean, depth: number, pieces: string[]): string | null {
  if (typeof json === 'string') {
    pieces.push(spellingOf(json));
    return native ? problemOf(json) : null;
  }
  if (depth > DEEPEST) return `there is JSON of more than ${DEEPEST} levels`;
  const isObject = json.close === '}';
  const places = native && isObject ? inOrder(json) : [...json.values.keys()];
  let problem = native && isObject ? problemOfNames(json.names) : null;
  pieces.push(isObject ? '{' : '[');
  for (const [count, place] of places.entries()) {
    pieces.push(`${count === 0 ? '' : ','}${isObject ? `${json.names[place]}:` : ''}`);
    problem ??= appended(json.values[place] as Json, native, depth + 1, pieces);
    if (problem !== null) return problem;
  }
  pieces.push(json.close);
  return problem;
}

function inOrder({ names }: Container): readonly number[] {
  return [...names.keys()].sort((a, b) => byUtf8(names[a] as string, names[b] as string));
}

function spellingOf(json: string): string {
  const scalar = scalarIn(json);
  const number = scalar?.kind === 'number' ? digitsOf(scalar.decimal) : null;
  if (number === null) return json;
  const lead = leadOf(number);
  return lead >= LEAST_PLAIN && lead <= MOST_PLAIN ? spelt(number) : json;
}

/** What the native type would change in a scalar. */
function problemOf(json: string): string | null {
  const scalar = scalarIn(json);
  if (scalar?.kind === 'text' && !scalar.text.isWellFormed())
    return 'there is JSON with a text that has a lone surrogate';
  if (scalar?.kind !== 'number' || fittedNumber(ANY_NUMBER, json).kind === 'fits') return null;
  return 'there is JSON with a number of more than 38 digits, or out of the range of NUMBER,';
}

function problemOfNames(names: readonly string[]): string | null {
  if (new Set(names).size < names.length) return 'there is JSON with two members of the same name';
  const plain = names.map((name) => JSON.parse(name) as string);
  if (plain.some((name) => Buffer.byteLength(name) > LONGEST_NAME))
    return `there is JSON with a name of more than ${LONGEST_NAME} bytes`;
  return plain.every((name) => name.isWellFormed())
    ? null
    : 'there is JSON with a name that has a lone surrogate';
}
