/** Versions of rows that Oracle itself creates: of keys that Couchbase has never ordered, as far as the table tells. */
import type { Version } from '../../protocol/version.ts';

/**
 * What a DELETE of a key that never was leaves. No document has had this version, and a deletion of a document has a higher one. The API
 * knows such a deletion by it.
 */
export const NEVER: Version = 1n;

/** Milliseconds. What Couchbase has written just now keeps a higher version, also where its clock is behind that of the functions. */
const BEHIND = 60_000;

/**
 * The version of a new document: nanoseconds of the clock, as Couchbase's CAS are. It is above all versions of a document of this key whose
 * tombstone was dropped, for that was written days ago. So an ETag never names two documents, whatever was dropped. Writes of the document
 * count on from it.
 * @param now milliseconds since the epoch
 */
export function createdAt(now: number): Version {
  return BigInt(Math.max(2, now - BEHIND)) * 1_000_000n;
}
