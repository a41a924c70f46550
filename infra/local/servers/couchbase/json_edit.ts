/** Edits of JSON text by path: each returns the whole text after the edit, everything else spelled as before. */
import { entriesOf, type Found, find, parsePath, type Span } from './json_path.ts';
import { Refusal, STATUS } from './wire.ts';

export type Edit =
  | 'dictAdd'
  | 'dictUpsert'
  | 'remove'
  | 'replace'
  | 'arrayPushLast'
  | 'arrayPushFirst'
  | 'arrayInsert'
  | 'arrayAddUnique'
  | 'counter';

/** @param create missing parents (objects only) are made on the way. */
export function edit(text: string, kind: Edit, path: string, value: string, create: boolean): string {
  const components = parsePath(path);
  switch (kind) {
    case 'dictAdd':
    case 'dictUpsert':
      return put(text, components, value, create, kind === 'dictAdd');
    case 'replace':
      return splice(text, existing(find(text, components)), checked(value));
    case 'remove':
      return removed(text, find(text, components));
    case 'counter':
      return counted(text, components, value, create);
    default:
      return inArray(text, kind, components, checked(value, kind !== 'arrayAddUnique'), create);
  }
}

function put(
  text: string,
  path: (string | number)[],
  value: string,
  create: boolean,
  fresh: boolean,
): string {
  if (typeof path.at(-1) !== 'string') throw new Refusal(STATUS.pathInvalid);
  const found = find(text, path);
  if (found.value !== null) {
    if (fresh) throw new Refusal(STATUS.pathExists);
    return splice(text, found.value, checked(value));
  }
  return grown(text, found, checked(value), create);
}

/** Adds what is missing of a path, the innermost part holding `value`. */
function grown(text: string, { parent, missing }: Found, value: string, create: boolean): string {
  const [name, ...beyond] = missing;
  if (parent === null || typeof name !== 'string' || (beyond.length > 0 && !create))
    throw new Refusal(STATUS.pathNotFound);
  if (beyond.some((component) => typeof component !== 'string')) throw new Refusal(STATUS.pathNotFound);
  const inner = beyond.reduceRight((held, component) => `{${JSON.stringify(component)}:${held}}`, value);
  return withEntry(text, parent, entriesOf(text, parent).length, `${JSON.stringify(name)}:${inner}`);
}

function removed(text: string, found: Found): string {
  if (found.entry === null || found.parent === null) throw new Refusal(STATUS.pathNotFound);
  const entries = entriesOf(text, found.parent);
  const index = entries.findIndex(({ entry }) => entry.from === found.entry?.from);
  const [before, after] = [entries[index - 1], entries[index + 1]];
  const from = before?.entry.to ?? found.entry.from;
  const to = before === undefined && after !== undefined ? after.entry.from : found.entry.to;
  return splice(text, { from, to }, '');
}

function counted(text: string, path: (string | number)[], by: string, create: boolean): string {
  if (!/^-?\d{1,19}$/.test(by) || BigInt(by) === 0n) throw new Refusal(STATUS.invalid);
  const found = find(text, path);
  if (found.value === null) return grown(text, found, by, create);
  const held = text.slice(found.value.from, found.value.to);
  if (!/^-?\d+$/.test(held)) throw new Refusal(STATUS.pathMismatch);
  return splice(text, found.value, String(BigInt(held) + BigInt(by)));
}

function inArray(
  text: string,
  kind: Edit,
  path: (string | number)[],
  value: string,
  create: boolean,
): string {
  if (kind === 'arrayInsert') {
    const index = path.at(-1);
    const array = existing(find(text, path.slice(0, -1)));
    const { length } = arrayEntries(text, array);
    if (typeof index !== 'number' || index < 0) throw new Refusal(STATUS.pathInvalid);
    if (index > length) throw new Refusal(STATUS.pathNotFound);
    return withEntry(text, array, index, value);
  }
  const found = find(text, path);
  if (found.value === null) return grown(text, found, `[${value}]`, create);
  const entries = arrayEntries(text, found.value);
  if (kind === 'arrayAddUnique') {
    if (value.startsWith('{') || value.startsWith('[')) throw new Refusal(STATUS.cannotInsert);
    if (entries.some((entry) => text.slice(entry.value.from, entry.value.to) === value))
      throw new Refusal(STATUS.pathExists);
  }
  return withEntry(text, found.value, kind === 'arrayPushFirst' ? 0 : entries.length, value);
}

function arrayEntries(text: string, array: Span) {
  if (text[array.from] !== '[') throw new Refusal(STATUS.pathMismatch);
  return entriesOf(text, array);
}

function withEntry(text: string, container: Span, index: number, entry: string): string {
  const entries = entriesOf(text, container);
  const next = entries[index];
  if (next !== undefined) return splice(text, { from: next.entry.from, to: next.entry.from }, `${entry},`);
  const end = entries.at(-1)?.entry.to ?? container.from + 1;
  return splice(text, { from: end, to: end }, entries.length === 0 ? entry : `,${entry}`);
}

function existing({ value }: Found): Span {
  if (value === null) throw new Refusal(STATUS.pathNotFound);
  return value;
}

/** Where elements are added, several values with commas between them are allowed. */
function checked(value: string, several = false): string {
  try {
    const parsed: unknown = JSON.parse(several ? `[${value}]` : value);
    if (!several || (Array.isArray(parsed) && parsed.length > 0)) return value;
  } catch {
    // Refused below.
  }
  throw new Refusal(STATUS.cannotInsert);
}

function splice(text: string, { from, to }: Span, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}
