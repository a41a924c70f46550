/** Keys that a walk lists and the collection does not take: they are passed over, and counted. */
import type { Passed } from '../records/run.ts';
import type { Taking } from '../stores/selection.ts';
import type { Sized } from './batches.ts';

export const NONE_PASSED: Passed = { ignored: 0, elsewhere: 0 };

/** What a walk does with keys that are not taken. */
export interface Sieve {
  of(key: string): Taking;
  /** Writes down that all up to a key was passed over, where no batch does. Throws `Overtaken`. */
  pass(to: string, passed: Passed): Promise<void>;
}

/** A key that is taken, and what was passed over between it and the one before. */
export type Taken = Pick<Sized, 'key' | 'passed'>;

export interface Sifted {
  readonly taken: readonly Taken[];
  /** Behind the last of them. */
  readonly rest: Passed;
}

/** @param sieve none: every key is taken. @param before what was passed over before the first key. */
export function sifted(
  keys: readonly string[],
  sieve: Pick<Sieve, 'of'> | undefined,
  before: Passed,
): Sifted {
  const taken: Taken[] = [];
  let rest = before;
  for (const key of keys) {
    const taking = sieve?.of(key) ?? 'taken';
    if (taking !== 'taken') rest = { ...rest, [taking]: rest[taking] + 1 };
    else {
      taken.push(isNone(rest) ? { key } : { key, passed: rest });
      rest = NONE_PASSED;
    }
  }
  return { taken, rest };
}

export function isNone({ ignored, elsewhere }: Passed): boolean {
  return ignored + elsewhere === 0;
}

/** What was passed over before each key of a batch, in sum. */
export function passedIn(batch: readonly Pick<Sized, 'passed'>[]): Passed {
  return batch.reduce((sum, { passed = NONE_PASSED }) => addedTo(sum, passed), NONE_PASSED);
}

export function addedTo(one: Passed, other: Passed): Passed {
  return { ignored: one.ignored + other.ignored, elsewhere: one.elsewhere + other.elsewhere };
}
