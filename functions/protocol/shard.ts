/** Shards: ranges of keys, in byte order, that together hold every key exactly once. */
import { byUtf8 } from './order.ts';

/** Keys `after < key <= upTo`; null is no bound on that side. */
export interface Shard {
  readonly after: string | null;
  readonly upTo: string | null;
}

/**
 * Cut the key space at sampled keys into at most `count` shards of about equal sizes.
 * @param sample keys, in any order, with or without repetition; an empty sample gives one shard with every key.
 */
export function shardsFrom(sample: readonly string[], count: number): Shard[] {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`Asked for ${count} shards: ask for a whole number, 1 or more`);
  const keys = [...new Set(sample)].sort(byUtf8);
  const pieces = Math.min(count, keys.length + 1);
  const cuts = Array.from({ length: pieces - 1 }, (_, i) => {
    return keys[Math.floor(((i + 1) * keys.length) / pieces)] as string;
  });
  return [null, ...cuts].map((after, i) => ({ after, upTo: cuts[i] ?? null }));
}

/** Whether a key belongs to a shard. */
export function contains({ after, upTo }: Shard, key: string): boolean {
  return (after === null || byUtf8(key, after) > 0) && (upTo === null || byUtf8(key, upTo) <= 0);
}
