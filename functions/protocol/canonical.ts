/**
 * The canonical form of a document's body: two bodies are the same document exactly if their forms are equal.
 *
 * - JSON (RFC 8259): white space, the spelling of strings and numbers, and the order of an object's members do not
 *   count. Everything else does, a member that is null against no member, and 1 against "1", included.
 * - Numbers count by their exact decimal value (`decimal.ts`). Strings count by their code units: no Unicode
 *   normalisation, and a lone surrogate is itself.
 * - A name that stands twice in one object counts twice, in its order: a store that drops one has changed the document.
 * - What is not JSON, or is nested deeper than 1,000, the empty body included, counts byte for byte, and never equals JSON.
 */
import { canonicalDecimal } from './decimal.ts';
import { byUtf8 } from './order.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Deeper than any document that either store can index; a deeper one counts byte for byte. */
const DEEPEST = 1000;

/** A request asks for that of its body again and again, and bodies never change. */
const KNOWN = new WeakMap<Uint8Array, string | null>();

/** The canonical text of a JSON body, or null where the body is not JSON. */
export function canonicalJson(body: Uint8Array): string | null {
  const known = KNOWN.get(body);
  if (known !== undefined) return known;
  const json = canonicalIn(body);
  KNOWN.set(body, json);
  return json;
}

function canonicalIn(body: Uint8Array): string | null {
  const text = decoded(body);
  if (text === null) return null;
  try {
    return canonicalText(text);
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

class NotJson extends Error {}

function decoded(body: Uint8Array): string | null {
  try {
    return DECODER.decode(body);
  } catch {
    return null; // Not UTF-8, so not JSON.
  }
}

/** An array or object that has begun. */
interface Open {
  readonly close: ']' | '}';
  readonly values: string[];
  /** Names of an object's members so far, in canonical spelling. */
  readonly names: string[];
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?\d[0-9.eE+-]*/y;

function canonicalText(text: string): string {
  const open: Open[] = [];
  let at = skip(SPACE, text, 0);
  for (;;) {
    const top = open.at(-1);
    if (top?.close === '}') at = readName(text, at, top);
    const opening = text[at];
    let next: number;
    if (opening === '[' || opening === '{') {
      const begun: Open = { close: opening === '[' ? ']' : '}', values: [], names: [] };
      if (open.push(begun) > DEEPEST) throw new NotJson();
      next = skip(SPACE, text, at + 1);
      if (text[next] !== begun.close) {
        at = next;
        continue;
      }
    } else {
      next = opening === '"' ? endOfString(text, at) : skip(SCALAR, text, at);
      const value = canonicalScalar(text.slice(at, next));
      if (top === undefined) return finished(text, next, value);
      top.values.push(value);
    }
    const closed = closeAll(text, next, open);
    if (closed.value !== null) return finished(text, closed.at, closed.value);
    at = closed.at;
  }
}

/** After a value: a comma, or the end of one or more containers. Returns the outermost value once all are closed. */
function closeAll(text: string, from: number, open: Open[]): { at: number; value: string | null } {
  let at = skip(SPACE, text, from);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (text[at] === ',') return { at: skip(SPACE, text, at + 1), value: null };
    if (text[at] !== top.close) throw new NotJson();
    open.pop();
    const value = containerText(top);
    const outer = open.at(-1);
    if (outer === undefined) return { at: at + 1, value };
    outer.values.push(value);
    at = skip(SPACE, text, at + 1);
  }
  throw new NotJson();
}

function finished(text: string, at: number, value: string): string {
  if (skip(SPACE, text, at) !== text.length) throw new NotJson();
  return value;
}

function readName(text: string, at: number, into: Open): number {
  if (text[at] !== '"') throw new NotJson();
  const end = endOfString(text, at);
  into.names.push(canonicalString(text.slice(at, end)));
  const colon = skip(SPACE, text, end);
  if (text[colon] !== ':') throw new NotJson();
  return skip(SPACE, text, colon + 1);
}

function containerText({ close, values, names }: Open): string {
  if (close === ']') return `[${values.join()}]`;
  const members = names.map((name, i) => [name, values[i]] as const);
  members.sort(([a], [b]) => byUtf8(a, b));
  return `{${members.map(([name, value]) => `${name}:${value}`).join()}}`;
}

function canonicalScalar(token: string): string {
  if (token.startsWith('"')) return canonicalString(token);
  if (token === 'true' || token === 'false' || token === 'null') return token;
  const decimal = canonicalDecimal(token);
  if (decimal === null) throw new NotJson();
  return decimal;
}

/** JSON.stringify spells each string in one way, lone surrogates escaped (ECMA-262, QuoteJSONString). */
function canonicalString(token: string): string {
  try {
    return JSON.stringify(JSON.parse(token));
  } catch (error) {
    if (error instanceof SyntaxError) throw new NotJson();
    throw error;
  }
}

/** The place behind the closing quote of the string that begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '"') return i + 1;
    if (text[i] === '\\') i++;
  }
  throw new NotJson();
}

/** The end of what `pattern` matches at `at`. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw new NotJson();
  return pattern.lastIndex;
}
