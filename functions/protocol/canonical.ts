/**
 * The canonical form of a document's body: two bodies are the same document exactly if their forms are equal.
 *
 * - JSON (RFC 8259): white space, the spelling of strings and numbers, and the order of an object's members do not
 *   count. Everything else does, a member that is null against no member, and 1 against "1", included.
 * - Numbers count by their exact decimal value (`decimal.ts`). Strings count by their code units: no Unicode
 *   normalisation, and a lone surrogate is itself.
 * - A name that stands twice in one object counts twice, in its order: a store that drops one has changed the document.
 * - What is not JSON, or is nested deeper than 1,000, the empty body included, counts byte for byte, and never equals JSON.
 *
 * Clients and other programs decide what a body looks like, so its form costs time linear in its bytes, whatever it is (but for the
 * sorting of names): no text is copied at each level.
 */
import { type Container, type Json, readJson } from './json.ts';
import { byUtf8 } from './order.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A body as JSON, or null where it is none. */
export function jsonIn(body: Uint8Array): Json | null {
  const text = decoded(body);
  return text === null ? null : readJson(text);
}

/** The canonical text of a JSON body, or null where the body is not JSON. */
export function canonicalJson(body: Uint8Array): string | null {
  const json = jsonIn(body);
  return json === null ? null : canonicalText(json);
}

function decoded(body: Uint8Array): string | null {
  try {
    return DECODER.decode(body);
  } catch {
    return null; // Not UTF-8, so not JSON.
  }
}

/** The one spelling of a document. It is joined once, when all is there: joined at each level, a text would be copied as often as it is deep. */
export function canonicalText(json: Json): string {
  if (typeof json === 'string') return json;
  const pieces: string[] = [];
  append(json, pieces);
  return pieces.join('');
}

function append({ close, values, names }: Container, pieces: string[]): void {
  const order = close === '}' ? orderOf(names) : null;
  let before = close === ']' ? '[' : '{';
  for (let n = 0; n < values.length; n++) {
    const index = order === null ? n : (order[n] as number);
    const value = values[index] as Json;
    if (close === '}') before += `${names[index]}:`;
    if (typeof value === 'string') pieces.push(before + value);
    else {
      pieces.push(before);
      append(value, pieces);
    }
    before = ',';
  }
  pieces.push(values.length === 0 ? before + close : close);
}

/** The places of names in their order, those of the same name as they stand; null where they stand in it. */
function orderOf(names: readonly string[]): readonly number[] | null {
  const isSorted = names.every((name, n) => n === 0 || byUtf8(names[n - 1] as string, name) <= 0);
  return isSorted ? null : [...names.keys()].sort((a, b) => byUtf8(names[a] as string, names[b] as string));
}
