/**
 * JSON (RFC 8259) as a tree whose scalars are in canonical spelling: a string as JSON.stringify spells it, a number by its exact
 * decimal value (`decimal.ts`). Of a name that stands twice in one object both members are kept, in their order.
 *
 * Clients and other programs decide what a body looks like, so reading takes time linear in its characters, whatever it is: no pattern
 * goes over the same characters twice.
 */
import { canonicalDecimal } from './decimal.ts';

/** Deeper than any document that either store can index. */
const DEEPEST = 1000;

class NotJson extends Error {}

/** An array or object. */
export interface Container {
  readonly close: ']' | '}';
  readonly values: readonly Json[];
  /** Names of an object's members, in canonical spelling. */
  readonly names: readonly string[];
}

/** A scalar in canonical spelling, or a container. */
export type Json = string | Container;

/** A container, with what stands in it so far. */
interface Open extends Container {
  readonly values: Json[];
  readonly names: string[];
}

/** Null for what is no JSON, or is nested deeper than `deepest`. */
export function readJson(text: string, deepest: number = DEEPEST): Json | null {
  try {
    return read(text, deepest);
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

/** A member of an object by its name, or an element of an array by its place. Of a name that stands twice, the last counts, as for JSON.parse. */
export function childAt(json: Json, step: string | number): Json | undefined {
  if (typeof json === 'string') return undefined;
  const { close, values, names } = json;
  if ((close === ']') !== (typeof step === 'number')) return undefined;
  return values[typeof step === 'number' ? step : names.lastIndexOf(JSON.stringify(step))];
}

/** What a value says by itself; null for null. */
export type Scalar =
  | { readonly kind: 'text'; readonly text: string }
  /** @property decimal in canonical spelling. */
  | { readonly kind: 'number'; readonly decimal: string }
  | { readonly kind: 'boolean'; readonly is: boolean }
  | { readonly kind: 'container' }
  | null;

export function scalarIn(json: Json): Scalar {
  if (typeof json !== 'string') return { kind: 'container' };
  if (json.startsWith('"')) return { kind: 'text', text: JSON.parse(json) as string };
  if (json === 'true' || json === 'false') return { kind: 'boolean', is: json === 'true' };
  return json === 'null' ? null : { kind: 'number', decimal: json };
}

function read(text: string, deepest: number): Json {
  const open: Open[] = [];
  let at = spaceEnd(text, 0);
  for (;;) {
    const top = open.at(-1);
    if (top?.close === '}') at = readName(text, at, top);
    const opening = text[at];
    let next: number;
    if (opening === '[' || opening === '{') {
      const begun: Open = { close: opening === '[' ? ']' : '}', values: [], names: [] };
      if (open.push(begun) > deepest) throw new NotJson();
      top?.values.push(begun);
      next = spaceEnd(text, at + 1);
      if (text[next] !== begun.close) {
        at = next;
        continue;
      }
    } else {
      next = opening === '"' ? stringEnd(text, at) : wordEnd(text, at);
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
function closeAll(text: string, from: number, open: Open[]): { at: number; value: Json | null } {
  let at = spaceEnd(text, from);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (text[at] === ',') return { at: spaceEnd(text, at + 1), value: null };
    if (text[at] !== top.close) throw new NotJson();
    open.pop();
    if (open.length === 0) return { at: at + 1, value: top };
    at = spaceEnd(text, at + 1);
  }
  throw new NotJson();
}

function finished(text: string, at: number, value: Json): Json {
  if (spaceEnd(text, at) !== text.length) throw new NotJson();
  return value;
}

function readName(text: string, at: number, into: Open): number {
  if (text[at] !== '"') throw new NotJson();
  const end = stringEnd(text, at);
  into.names.push(canonicalString(text.slice(at, end)));
  const colon = spaceEnd(text, end);
  if (text[colon] !== ':') throw new NotJson();
  return spaceEnd(text, colon + 1);
}

function canonicalScalar(token: string): string {
  if (token.startsWith('"')) return canonicalString(token);
  if (token === 'true' || token === 'false' || token === 'null') return token;
  const decimal = canonicalDecimal(token);
  if (decimal === null) throw new NotJson();
  return decimal;
}

/**
 * JSON.stringify spells each string in one way, lone surrogates escaped (ECMA-262, QuoteJSONString): the way that the string is
 * spelt already if nothing in it is escaped, since UTF-8 has no lone surrogates.
 */
function canonicalString(token: string): string {
  if (!token.includes('\\')) return token;
  try {
    return JSON.stringify(JSON.parse(token));
  } catch (error) {
    if (error instanceof SyntaxError) throw new NotJson();
    throw error;
  }
}

const [QUOTE, BACKSLASH, FIRST_PRINTABLE] = [0x22, 0x5c, 0x20];

/** The place behind the closing quote of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) return i + 1;
    if (unit === BACKSLASH) i++;
    else if (unit < FIRST_PRINTABLE) break;
  }
  throw new NotJson();
}

/** The end of what begins at `at` and could be a number, or true, false or null. */
function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isOfWord(text.charCodeAt(end))) end++;
  return end;
}

/** A letter, a digit, or one of + - and the point. */
function isOfWord(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x2b && unit <= 0x2e && unit !== 0x2c) ||
    unit === 0x45
  );
}

function spaceEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isSpace(text.charCodeAt(end))) end++;
  return end;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
