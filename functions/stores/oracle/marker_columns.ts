/**
 * How many markers of deletions a verification has seen in Couchbase, and when the oldest was written: see `books/checkpoint.ts`. NULL in rows of functions of the
 * version before, which do not count them. One step of the control tables, which never changes.
 */
export const MARKER_COLUMNS = [
  'ALTER TABLE CROSSFADE_SHARDS ADD (markers NUMBER(15), oldest_marker NUMBER(15))',
  'ALTER TABLE CROSSFADE_RUNS ADD (markers NUMBER(15), oldest_marker NUMBER(15))',
];
