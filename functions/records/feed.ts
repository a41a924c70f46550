/** What is known of the change feed of a collection, and of what it has told. */
import type { Phase } from '../protocol/phase.ts';

/** Milliseconds since the epoch; 0 for never. */
export interface FeedSeen {
  /** When the last probe was written. */
  readonly probed: number;
  /** When the last probe has come back. */
  readonly seen: number;
  /** Since when no probe was missing. */
  readonly since: number;
  /** Milliseconds that the last one has taken. */
  readonly lag: number;
}

/** Writes past the API, of keys that begin alike. */
export interface Foreign {
  /** In which they were found. */
  readonly phase: Phase;
  readonly prefix: string;
  readonly writes: number;
  /** Milliseconds since the epoch. */
  readonly last: number;
}

/** Characters of a prefix that are shown. */
const LONGEST = 32;
/** Keys are often made of a kind, a separator and a number. */
const SEPARATOR = /[:/|#_.-]/;

/** What tells operators whose writes they are: a key up to its first separator, and with it. A key without one is no prefix, and may be anything. */
export function prefixOf(key: string): string {
  const at = key.search(SEPARATOR);
  const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');
  return at < 0 ? '(no prefix)' : printable(key.slice(0, Math.min(at + 1, LONGEST)));
}
