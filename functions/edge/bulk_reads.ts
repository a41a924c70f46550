/** The reads of a bulk look at both stores of a collection. */
import type { BulkReads } from '../reconciliation/bulk_look.ts';
import type { Both } from '../runs/ports.ts';
import { readAlong } from '../stores/couchbase/read_along.ts';
import { readRows } from '../stores/oracle/read_rows.ts';

/** Documents that one bulk look reads from Couchbase at the same time, and bytes of their bodies after which it reads no more. */
const [CONCURRENCY, MOST_BYTES] = [16, 32 * 1024 * 1024];
/** Bytes of a body that Oracle sends along with others: larger ones are read one by one. */
const LARGEST = 64 * 1024;

/**
 * @param timely whether another call may begin.
 * @param now milliseconds since the epoch.
 */
export function bulkReads(
  { couchbase, database, table }: Pick<Both, 'couchbase' | 'database' | 'table'>,
  timely: () => boolean,
  now: () => number,
): BulkReads {
  const along = { concurrency: CONCURRENCY, most: MOST_BYTES, timely };
  return {
    couchbase: (keys) => readAlong(couchbase, keys, along),
    oracle: (keys) => readRows(database, table.name, keys, { largest: LARGEST, now: now() }),
  };
}
