/** Which keys of its documents in Couchbase a collection takes, and what is wrong with the patterns of several over the same documents. */
import * as v from 'valibot';
import { covers, type KeyPattern, keyPattern, patternProblem, sharedKey } from '../parsing/key_pattern.ts';
import { quoted } from '../parsing/quoted.ts';
import { EVERY_KEY, IGNORED, type Keys } from '../stores/selection.ts';
import { LONGEST_KEY } from '../stores/storable.ts';

/** Patterns of one list, and characters of one: each key is matched against all of them. */
const [MOST, LONGEST] = [100, 500];

/** A pattern of keys, see `parsing/key_pattern.ts`. */
export const KEY_PATTERN = v.pipe(
  v.string(),
  v.maxLength(LONGEST, `it must have ${LONGEST} characters or fewer`),
  v.check(
    (text) => patternProblem(text, LONGEST_KEY) === null,
    ({ input }) => patternProblem(input, LONGEST_KEY) ?? '',
  ),
);
const PATTERNS = v.pipe(v.array(KEY_PATTERN), v.maxLength(MOST, `there must be ${MOST} or fewer`));

/**
 * `include`: the keys that it takes; every key, where it is left out. `ignore`: those that nobody is to have, whatever includes them. A choice by what documents
 * hold, such as a type, would stand beside them: it has no member yet.
 */
export const KEYS = v.optional(
  v.strictObject({
    include: v.optional(v.pipe(PATTERNS, v.minLength(1, 'there must be 1 or more')), [...EVERY_KEY]),
    ignore: v.optional(PATTERNS, [...IGNORED]),
  }),
  {},
);

/** Whether nothing is said of them: each key is taken, but for those that are ignored where nobody says otherwise. */
export function areUsual({ include, ignore }: Keys): boolean {
  return JSON.stringify([include, ignore]) === JSON.stringify([EVERY_KEY, IGNORED]);
}

interface Placed {
  readonly keys: Keys;
  /** Bucket, scope and collection in Couchbase. */
  readonly keyspace: string;
}

/** What is wrong with patterns beside one another. @param collections that are sound by themselves, by their names. */
export function selectionProblems(
  collections: readonly (readonly [name: string, placed: Placed])[],
): string[] {
  const all = collections.map(([name, { keys, keyspace }]) => {
    return { name, keyspace, include: keys.include.map(keyPattern), ignore: keys.ignore.map(keyPattern) };
  });
  return all.flatMap((one, index) => [
    ...one.include.flatMap((pattern, n) => neverTaken(one.name, pattern, n, one.ignore)),
    ...all
      .slice(0, index)
      .filter(({ keyspace }) => keyspace === one.keyspace)
      .flatMap((before) => overlap(one, before)),
  ]);
}

function neverTaken(name: string, pattern: KeyPattern, n: number, ignore: readonly KeyPattern[]): string[] {
  const by = ignore.find((each) => covers(each, pattern));
  if (by === undefined) return [];
  return [
    `collections.${name}.keys.include.${n}: KEYS_IGNORED: ${quoted(pattern.text)} takes no key, since keys.ignore has ${quoted(by.text)}: ` +
      'leave one of them out',
  ];
}

interface Selected {
  readonly name: string;
  readonly keyspace: string;
  readonly include: readonly KeyPattern[];
}

/** The first two patterns that take the same key. */
function overlap(one: Selected, before: Selected): string[] {
  for (const [n, mine] of one.include.entries())
    for (const [m, theirs] of before.include.entries()) {
      const key = sharedKey(mine, theirs, LONGEST_KEY);
      if (key === null) continue;
      const both =
        mine.text === '*' && theirs.text === '*'
          ? `both take every key of ${one.keyspace}`
          : `both take ${quoted(key)} of ${one.keyspace}`;
      return [
        `collections.${one.name}.keys.include.${n}: KEYS_OVERLAP: ${quoted(mine.text)} and ${quoted(theirs.text)} ` +
          `(collections.${before.name}.keys.include.${m}) ${both}: a document must have one collection, so give each patterns of its own`,
      ];
    }
  return [];
}
