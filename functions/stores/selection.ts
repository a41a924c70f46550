/** Which keys of a collection of Couchbase one of our collections takes: several may lie over the same documents, each with its own keys. */
import { type KeyPattern, keyPattern, matches } from '../parsing/key_pattern.ts';
import { highestBelow, prefixRange } from '../parsing/prefix_range.ts';
import { byUtf8 } from '../protocol/order.ts';
import type { Shard } from '../protocol/shard.ts';
import { PoisonDocument } from './failure.ts';
import { isProbe } from './feed_probe.ts';
import { LONGEST_KEY } from './storable.ts';

/** Documents of Sync Gateway, and records of transactions: no app asks for them, and their owners would not find them changed. */
export const IGNORED = ['_sync:*', '_txn:*'] as const;
export const EVERY_KEY = ['*'] as const;

/** Patterns of keys: see `parsing/key_pattern.ts`. */
export interface Keys {
  readonly include: readonly string[];
  readonly ignore: readonly string[];
}

/** `ignored`: nobody is to have it. `elsewhere`: it matches no pattern of the collection, and is another collection's, or nobody's. */
export type Taking = 'taken' | 'ignored' | 'elsewhere';

export class Selection {
  /** Where its keys are, in the order of keys; none of them overlap. */
  readonly ranges: readonly Shard[];
  /** Of patterns that take all keys which begin so: whatever is in there is this collection's to tell of. */
  readonly own: readonly Shard[];
  readonly #include: readonly KeyPattern[];
  readonly #ignore: readonly KeyPattern[];

  constructor({ include, ignore }: Keys) {
    this.#include = include.map(keyPattern);
    this.#ignore = ignore.map(keyPattern);
    this.ranges = joined(this.#include.map(rangeOf));
    this.own = joined(this.#include.filter(isPrefix).map(rangeOf));
  }

  of(key: string): Taking {
    if (this.#ignore.some((pattern) => matches(pattern, key))) return 'ignored';
    return this.#include.some((pattern) => matches(pattern, key)) ? 'taken' : 'elsewhere';
  }

  takes(key: string): boolean {
    return this.of(key) === 'taken';
  }
}

/**
 * Whose a key is, among all collections over the same documents. `orphan`: no collection takes it, and none ignores it.
 * @param siblings the other collections.
 */
export function ownerOf(key: string, own: Selection, siblings: readonly Selection[]): Taking | 'orphan' {
  const taking = own.of(key);
  if (taking !== 'elsewhere') return taking;
  const others = siblings.map((sibling) => sibling.of(key));
  if (others.includes('taken')) return 'elsewhere';
  return others.includes('ignored') ? 'ignored' : 'orphan';
}

/** Stores of a collection that does not take every key; those of a model take all. */
export interface Selects {
  readonly selection?: Pick<Selection, 'of'> | undefined;
}

/** Throws `PoisonDocument` where the key is none of the collection: no step may write it. Probes of a change feed are our own. */
export function requireTaken(collection: string, key: string, { selection }: Selects): void {
  const taking = selection?.of(key) ?? 'taken';
  if (taking === 'taken' || isProbe(key)) return;
  throw new PoisonDocument(
    { store: 'couchbase', operation: 'select', collection, key },
    `KEY_NOT_TAKEN: ${WHY[taking]}. Nothing was changed. Where the collection is to have it, change its keys in the configuration; else discard what asks for it`,
  );
}

const WHY = {
  ignored: 'keys.ignore of the collection has a pattern for it',
  elsewhere: 'no pattern of keys.include of the collection matches it',
} as const;

/** Takes every key. */
export const WHOLE = new Selection({ include: EVERY_KEY, ignore: [] });

function isPrefix({ pieces, inner }: KeyPattern): boolean {
  return pieces.length > 1 && inner.length === 0 && pieces.at(-1) === '';
}

/** All keys that begin as the pattern does, up to its first star; or the one key that it is. */
function rangeOf({ pieces: [first = '', ...others] }: KeyPattern): Shard {
  if (others.length === 0) return { after: highestBelow(first, LONGEST_KEY), upTo: first };
  return first === '' ? { after: null, upTo: null } : prefixRange(first, LONGEST_KEY);
}

/** The same keys in ranges that do not overlap, in their order. */
function joined(ranges: readonly Shard[]): Shard[] {
  const found: Shard[] = [];
  for (const range of ranges.toSorted(byBeginning)) {
    const last = found.at(-1);
    if (last === undefined || isBehind(range, last)) found.push(range);
    else found[found.length - 1] = { after: last.after, upTo: laterEnd(last.upTo, range.upTo) };
  }
  return found;
}

/** The order of ranges that do not overlap. */
export function byBeginning({ after: a }: Shard, { after: b }: Shard): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  return byUtf8(a, b);
}

/** Whether no key of the range is in the other, which begins no later. */
function isBehind({ after }: Shard, { upTo }: Shard): boolean {
  return after !== null && upTo !== null && byUtf8(after, upTo) > 0;
}

function laterEnd(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return byUtf8(a, b) < 0 ? b : a;
}

/** The keys that are in both; null where there are none. */
export function sharedRange(one: Shard, other: Shard): Shard | null {
  const after = byBeginning(one, other) < 0 ? other.after : one.after;
  const upTo =
    one.upTo === null || (other.upTo !== null && byUtf8(other.upTo, one.upTo) < 0) ? other.upTo : one.upTo;
  if (after !== null && upTo !== null && byUtf8(after, upTo) >= 0) return null;
  return { after, upTo };
}

type List<Listed> = (shard: Shard, limit: number) => Promise<readonly Listed[]>;

/** Lists what a shard has in one of the ranges, in the order of keys, as if there was nothing else. @param ranges in the order of keys. */
export function listedWithin<Listed>(ranges: readonly Shard[], list: List<Listed>): List<Listed> {
  return async (shard, limit) => {
    const found: Listed[] = [];
    for (const range of ranges) {
      const part = sharedRange(shard, range);
      if (part === null) continue;
      found.push(...(await list(part, limit - found.length)));
      if (found.length >= limit) break;
    }
    return found;
  };
}

/** The ranges of all keys that are in none of these. @param ranges in the order of keys, which do not overlap. */
export function rangesBeside(ranges: readonly Shard[]): Shard[] {
  const beside: Shard[] = [];
  let end: string | null = null;
  for (const { after, upTo } of ranges) {
    if (after !== null && (end === null || byUtf8(end, after) < 0)) beside.push({ after: end, upTo: after });
    if (upTo === null) return beside;
    end = upTo;
  }
  return [...beside, { after: end, upTo: null }];
}
