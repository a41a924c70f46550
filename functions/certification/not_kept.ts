/** What a check throws, and what it compares with. */

/** The stores do not keep what the check is about. The message says what was expected and what was there; it holds no body. */
export class NotKept extends Error {
  override readonly name = 'NotKept';
}

/** A check cannot be made here. It is skipped, and the certificate says why. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
  readonly next: string;

  constructor(why: string, next: string) {
    super(why);
    this.next = next;
  }
}

/** Throws `NotKept` where it is not so. @param what should have been, as a sentence. */
export function kept(holds: boolean, what: string): asserts holds {
  if (!holds) throw new NotKept(what);
}

/** Throws `NotKept` where both are not the same. @param what of a document it is, such as `the version of a key`. */
export function same(
  actual: string | number | bigint | boolean | null | undefined,
  expected: string | number | bigint | boolean | null | undefined,
  what: string,
): void {
  if (actual !== expected)
    throw new NotKept(`${what} should be ${String(expected)}, and is ${String(actual)}`);
}
