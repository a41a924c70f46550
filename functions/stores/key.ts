/** Keys that both stores can hold. */
import { PoisonDocument, type Target } from './failure.ts';

/** Couchbase takes 246 bytes in a named collection and 250 in the default one; Oracle's column has room for 250. */
const LONGEST = 250;

/** Throws `PoisonDocument` for a key that no store could hold, or that a driver would turn into another. */
export function requireKey({ key, ...target }: Target & { readonly key: string }): void {
  const length = Buffer.byteLength(key);
  const problem =
    length === 0
      ? 'the key is empty'
      : length > LONGEST
        ? `the key has ${length} bytes of UTF-8, and may have ${LONGEST}`
        : key.isWellFormed()
          ? null
          : 'the key has a lone surrogate, which UTF-8 cannot say';
  if (problem !== null) throw new PoisonDocument({ ...target, key }, `${problem}. Use another key`);
}
