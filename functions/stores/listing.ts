/**
 * Listing keys may take so many times as long as another call: Couchbase’s may wait for the index, Oracle’s may read rows that are not wanted.
 */
export const LISTING = 5;
