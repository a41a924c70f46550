/** How a message names what it was given: a quotation has a bound, and a value of a document is described, never quoted. */

/** Characters that a quotation shows. The text comes from a client or a store, which decide how long it is. */
const MOST = 100;

/**
 * A text in quotation marks, control characters escaped. Only its beginning, and its length, where it is longer than `most`.
 * For what may be shown: keys, names, headers, values of the configuration. Never for a value of a document.
 */
export function quoted(text: string, most: number = MOST): string {
  if (text.length <= most) return JSON.stringify(text);
  return `${JSON.stringify(shortened(text, most))} (${text.length} characters)`;
}

/** The text, or its beginning and `…` where it is longer than `most` characters. */
export function shortened(text: string, most: number = MOST): string {
  return text.length <= most ? text : `${beginningOf(text, most)}…`;
}

/** The kind of a JSON value and its size, without the value: `a text of 12 characters`. */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (Array.isArray(value)) return `an array of ${value.length} elements`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Never half of a surrogate pair. */
function beginningOf(text: string, most: number): string {
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most);
}
