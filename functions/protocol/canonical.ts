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
 * sorting of names): no text is copied at each level, and no pattern goes over the same characters twice.
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

/** An array or object, with what stands in it so far. */
interface Container {
  readonly close: ']' | '}';
  readonly values: Value[];
  /** Names of an object's members, in canonical spelling. */
  readonly names: string[];
}

/** A scalar in canonical spelling, or a container. */
type Value = string | Container;

function canonicalText(text: string): string {
  const open: Container[] = [];
  let at = spaceEnd(text, 0);
  for (;;) {
    const top = open.at(-1);
    if (top?.close === '}') at = readName(text, at, top);
    const opening = text[at];
    let next: number;
    if (opening === '[' || opening === '{') {
      const begun: Container = { close: opening === '[' ? ']' : '}', values: [], names: [] };
      if (open.push(begun) > DEEPEST) throw new NotJson();
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
function closeAll(text: string, from: number, open: Container[]): { at: number; value: Value | null } {
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

function finished(text: string, at: number, value: Value): string {
  if (spaceEnd(text, at) !== text.length) throw new NotJson();
  return typeof value === 'string' ? value : joined(value);
}

function readName(text: string, at: number, into: Container): number {
  if (text[at] !== '"') throw new NotJson();
  const end = stringEnd(text, at);
  into.names.push(canonicalString(text.slice(at, end)));
  const colon = spaceEnd(text, end);
  if (text[colon] !== ':') throw new NotJson();
  return spaceEnd(text, colon + 1);
}

/** Joined once, when all is there: joined at each level, a text would be copied as often as it is deep. */
function joined(container: Container): string {
  const pieces: string[] = [];
  append(container, pieces);
  return pieces.join('');
}

function append({ close, values, names }: Container, pieces: string[]): void {
  const order = close === '}' ? orderOf(names) : null;
  let before = close === ']' ? '[' : '{';
  for (let n = 0; n < values.length; n++) {
    const index = order === null ? n : (order[n] as number);
    const value = values[index] as Value;
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
