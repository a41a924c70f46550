/** Finds a value inside JSON text by a subdocument path (kv_engine, SubDocument.md), and leaves all else as it is written. */
import { Refusal, STATUS } from './wire.ts';

/** Half-open range of characters. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a path leads: the value's own span, or where it would have to be. */
export interface Found {
  readonly value: Span | null;
  /** The span of its member or element: with the name, without commas. */
  readonly entry: Span | null;
  /** The innermost container that exists, and how many components of the path lie beyond it. */
  readonly parent: Span | null;
  readonly missing: readonly (string | number)[];
}

/** `a.b[0].c`, names with dots or brackets in backticks, `[-1]` for the last element. Throws `Refusal`. */
export function parsePath(path: string): (string | number)[] {
  const components: (string | number)[] = [];
  const pattern = /(?:^|\.)(?:`((?:[^`]|``)*)`|([^.[\]`]+))|\[(-1|\d+)\]/y;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) throw new Refusal(STATUS.pathInvalid, `The path ${path} cannot be read`);
    const [, quoted, name, index] = match;
    components.push(index !== undefined ? Number(index) : (name ?? (quoted as string).replaceAll('``', '`')));
  }
  return components;
}

export function find(text: string, path: readonly (string | number)[]): Found {
  let value = valueAt(text, 0);
  let entry: Span | null = null;
  let parent: Span | null = null;
  for (const [depth, component] of path.entries()) {
    const opening = text[value.from];
    if (opening !== (typeof component === 'number' ? '[' : '{')) throw new Refusal(STATUS.pathMismatch);
    parent = value;
    const entries = entriesOf(text, value);
    const index =
      typeof component === 'number'
        ? component === -1
          ? entries.length - 1
          : component
        : entries.findIndex(({ name }) => name === component);
    const next = entries[index];
    if (next === undefined) return { value: null, entry: null, parent, missing: path.slice(depth) };
    value = next.value;
    entry = next.entry;
  }
  return { value, entry, parent, missing: [] };
}

interface Entry {
  readonly name: string | null;
  readonly entry: Span;
  readonly value: Span;
}

/** The members of an object or elements of an array, in their order. */
export function entriesOf(text: string, container: Span): Entry[] {
  const named = text[container.from] === '{';
  const entries: Entry[] = [];
  let at = spaceEnd(text, container.from + 1);
  while (at < container.to - 1) {
    const from = at;
    let name: string | null = null;
    if (named) {
      const end = stringEnd(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = spaceEnd(text, spaceEnd(text, end) + 1);
    }
    const value = valueAt(text, at);
    entries.push({ name, entry: { from, to: value.to }, value });
    at = spaceEnd(text, value.to);
    if (text[at] === ',') at = spaceEnd(text, at + 1);
  }
  return entries;
}

/** The span of the value that begins at or after `at`. The text is known to be JSON. */
function valueAt(text: string, at: number): Span {
  const from = spaceEnd(text, at);
  if (text[from] === '"') return { from, to: stringEnd(text, from) };
  if (text[from] !== '{' && text[from] !== '[') {
    let to = from;
    while (to < text.length && !',]} \t\n\r'.includes(text[to] as string)) to++;
    return { from, to };
  }
  let depth = 0;
  for (let to = from; to < text.length; to++) {
    const character = text[to];
    if (character === '"') to = stringEnd(text, to) - 1;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return { from, to: to + 1 };
  }
  throw new Refusal(STATUS.notJson);
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at++;
  }
  throw new Refusal(STATUS.notJson);
}

function spaceEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at++;
  return at;
}
