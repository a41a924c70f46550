/** Keys that a walk lists and does not look at: the collection does not take them, or the lists alone show that both stores agree. They are passed over, and counted. */
import type { Taking } from '../stores/selection.ts';
import type { PassedOver, Sized } from './batches.ts';

export const NONE_PASSED: PassedOver = { ignored: 0, elsewhere: 0 };

/** So many keys that nobody looks at take as much of the pace as one that is looked at: they come from lists, a thousand in a request. */
export const LISTED = 20;

/** How many documents of the pace it takes to pass keys over. Those of other collections take none: they are known by their names. */
export function paceOf({ alike = 0 }: PassedOver): number {
  return Math.ceil(alike / LISTED);
}

/** What a walk does with keys that it does not look at. */
export interface Sieve {
  of(key: string): Taking | 'alike';
  /** Writes down that all up to a key was passed over, where no batch does. Throws `Overtaken`. */
  pass(to: string, passed: PassedOver): Promise<void>;
}

/** A key that is taken, and what was passed over between it and the one before. */
export type Taken = Pick<Sized, 'key' | 'passed'>;

export interface Sifted {
  readonly taken: readonly Taken[];
  /** Behind the last of them. */
  readonly rest: PassedOver;
}

/** @param sieve none: every key is taken. @param before what was passed over before the first key. */
export function sifted(
  keys: readonly string[],
  sieve: Pick<Sieve, 'of'> | undefined,
  before: PassedOver,
): Sifted {
  const taken: Taken[] = [];
  let rest = before;
  for (const key of keys) {
    const taking = sieve?.of(key) ?? 'taken';
    if (taking !== 'taken') rest = { ...rest, [taking]: (rest[taking] ?? 0) + 1 };
    else {
      taken.push(isNone(rest) ? { key } : { key, passed: rest });
      rest = NONE_PASSED;
    }
  }
  return { taken, rest };
}

export function isNone({ ignored, elsewhere, alike = 0 }: PassedOver): boolean {
  return ignored + elsewhere + alike === 0;
}

/** What was passed over before each key of a batch, in sum. */
export function passedIn(batch: readonly Pick<Sized, 'passed'>[]): PassedOver {
  return batch.reduce((sum, { passed = NONE_PASSED }) => addedTo(sum, passed), NONE_PASSED);
}

export function addedTo(one: PassedOver, other: PassedOver): PassedOver {
  const alike = (one.alike ?? 0) + (other.alike ?? 0);
  return {
    ignored: one.ignored + other.ignored,
    elsewhere: one.elsewhere + other.elsewhere,
    ...(alike > 0 && { alike }),
  };
}
