/** Keys of two stores as one list. */
import { byUtf8 } from '../protocol/order.ts';

/** Keys of one store, in byte order: all there are in a range if `complete`, else the first of them. */
export interface Listed {
  readonly keys: readonly string[];
  readonly complete: boolean;
}

/**
 * Keys that are in either list, in byte order, each once, as far as both lists reach: beyond the last key of a list that goes on,
 * nobody can tell what that store has.
 */
export function unionOf(a: Listed, b: Listed): string[] {
  const reach = [a, b].filter(({ complete }) => !complete).map(({ keys }) => keys.at(-1) ?? '');
  const within = (key: string) => reach.every((last) => byUtf8(key, last) <= 0);
  return [...new Set([...a.keys, ...b.keys])].filter(within).sort(byUtf8);
}
