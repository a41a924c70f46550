/** Versions: unsigned 64-bit integers that order the states of one key. 0 means "nothing stored". */

export type Version = bigint;

export const NO_VERSION: Version = 0n;
export const MAX_VERSION: Version = 2n ** 64n - 1n;

/** The smallest version above all those given. Throws RangeError where none is left. */
export function above(...versions: readonly Version[]): Version {
  let highest = NO_VERSION;
  for (const version of versions) if (version > highest) highest = version;
  if (highest >= MAX_VERSION)
    throw new RangeError(
      `No version is left above ${highest}: the key must be exported and loaded afresh under a new key`,
    );
  return highest + 1n;
}

/** Whether Couchbase has given out the version after that time, by its clock: a CAS is nanoseconds since the epoch. Versions that Oracle counts tell no time. @param at milliseconds since the epoch. */
export function isGivenAfter(version: Version, at: number): boolean {
  return version > BigInt(at) * 1_000_000n;
}
