import type { StoreName } from '../protocol/phase.ts';

/**
 * What identifies a store: named marks, such as the UUID of a bucket or the DBID of a database. Which of them can be read depends on rights and
 * versions, so two readings are compared by the marks that both have, and a mark that becomes readable later changes nothing.
 */
export type Marks = Readonly<Record<string, string>>;

/** The names of the marks that differ. */
export function changedMarks(remembered: Marks, seen: Marks): string[] {
  return Object.keys(remembered).filter(
    (name) => seen[name] !== undefined && seen[name] !== remembered[name],
  );
}

/** Whether any mark can be compared. */
export function comparable(remembered: Marks, seen: Marks): boolean {
  return Object.keys(remembered).some((name) => seen[name] !== undefined);
}

/** What is remembered, with the marks that are seen for the first time; null where there is none of those. */
export function learned(remembered: Marks, seen: Marks): Marks | null {
  const isNew = Object.keys(seen).some((name) => remembered[name] === undefined);
  return isNew ? { ...seen, ...remembered } : null;
}

/** As operators read it. */
export function marksText(marks: Marks): string {
  const parts = Object.entries(marks).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? 'not known' : parts.join(', ');
}

/** Null where the text is no such object: then nothing is remembered. */
export function marksIn(text: string): Marks | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const strings = Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return Object.fromEntries(strings);
  } catch {
    return null;
  }
}

/** The name of the row that remembers the marks of a store. */
export function rowOf(collection: string, store: StoreName): string {
  return `${store} ${collection}`;
}
