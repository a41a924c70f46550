/** What an operator asks for when a backfill is started: the input of the state machine. */
import * as v from 'valibot';
import { byUtf8 } from '../protocol/order.ts';
import type { Shard } from '../protocol/shard.ts';

const key = v.pipe(v.string(), v.nonEmpty('it must not be empty'));
const REQUEST = v.strictObject({
  collection: v.string(),
  /** Keys that begin so, a canary say; all of them if there is none. */
  prefix: v.optional(key),
  /** Keys above this one, up to that one. */
  after: v.optional(key),
  upTo: v.optional(key),
  /** How many shards to make; as many as the size of the collection suggests if there is none. */
  shards: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  /** Tells what would be done, and does nothing. */
  dryRun: v.optional(v.boolean(), false),
  /** Tells how far the run has come that is not finished, and begins none. */
  look: v.optional(v.boolean(), false),
  /** Ends the run that is not finished, and begins none: what it has copied stays. */
  abandon: v.optional(v.boolean(), false),
});

export interface BackfillRequest {
  readonly collection: string;
  readonly range: Shard;
  readonly shards: number | null;
  readonly dryRun: boolean;
  readonly look: boolean;
  readonly abandon: boolean;
}

/** The request cannot be served as it is, or not now. Nothing was done. */
export class BackfillRefused extends Error {
  override readonly name = 'BackfillRefused';
}

/** @param collections names of those that there are. Throws `BackfillRefused`. */
export function parseRequest(value: unknown, collections: readonly string[]): BackfillRequest {
  const { success, output, issues } = v.safeParse(REQUEST, value);
  if (!success) {
    const [issue] = issues;
    throw new BackfillRefused(
      `The input is wrong at ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`,
    );
  }
  const { collection, prefix, after = null, upTo = null, shards = null, dryRun, look, abandon } = output;
  if (!collections.includes(collection))
    throw new BackfillRefused(
      `There is no collection ${JSON.stringify(collection)}: it is none of ${collections.join(', ')}`,
    );
  if (prefix !== undefined && (after !== null || upTo !== null))
    throw new BackfillRefused('The input has a prefix and a range: give one of them');
  if (after !== null && upTo !== null && byUtf8(after, upTo) >= 0)
    throw new BackfillRefused(
      `No key is above ${JSON.stringify(after)} and not above ${JSON.stringify(upTo)}: the range is empty`,
    );
  const range = prefix === undefined ? { after, upTo } : startingWith(prefix);
  return { collection, range, shards, dryRun, look, abandon };
}

/**
 * The shard of the keys that begin so. It is open below, so it begins after the highest key below the prefix: the one in which
 * the prefix's last character is one less, and all that can follow is the highest character there is.
 */
function startingWith(prefix: string): Shard {
  const characters = [...prefix];
  const last = characters.pop() as string;
  const before = (last.codePointAt(0) as number) - 1;
  const stem = characters.join('');
  const after = before < 0 ? (stem === '' ? null : stem) : stem + well(before, -1) + '\u{10ffff}'.repeat(40);
  return { after: after === null ? null : cut(after), upTo: cut(prefix + '\u{10ffff}'.repeat(62)) };
}

/** The character of a code point, or its neighbour where it is half of a pair. */
function well(codePoint: number, step: number): string {
  const inPair = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return String.fromCodePoint(inPair ? (step < 0 ? 0xd7ff : 0xe000) : codePoint);
}

/** To what a key can have, at the end of a character. */
function cut(text: string): string {
  let result = text;
  while (Buffer.byteLength(result) > 250) result = [...result].slice(0, -1).join('');
  return result;
}
