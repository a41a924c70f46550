/**
 * When a document was gone. A tombstone has the second in its column `expires`, far above every expiry of a document: the index on that
 * column finds tombstones by age, and what expires never finds a tombstone. Rows of functions of the version before have none.
 */

/** After the year 9999, and within the 12 digits of the column. */
const OFFSET = 500_000_000_000;

/** @param now milliseconds since the epoch. */
export function goneSince(now: number): number {
  return OFFSET + Math.floor(now / 1000);
}

/** The other way round: milliseconds since the epoch; null for a tombstone that has no date. */
export function goneAt(expires: number | null): number | null {
  return expires === null || expires < OFFSET ? null : (expires - OFFSET) * 1000;
}
