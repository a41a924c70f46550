/** What operators call a pair of servers on which something may be broken. */
import type { Servers } from './certificate.ts';

/** Characters of the cluster's UUID. */
const ENOUGH = 8;

/**
 * The name of both servers together, from what each tells of itself: the one of any other pair differs, so that nobody breaks something by an address
 * that was mistaken. Incarnations are no part of it: a test may end one. Null where a server does not tell enough.
 */
export function nameOfSystem({ couchbase, oracle }: Servers): string | null {
  const { cluster, bucket } = couchbase.identity;
  const { name, container, dbid } = oracle.identity;
  const uuid = cluster ?? bucket;
  if (uuid === undefined || name === undefined) return null;
  const database = [name, ...(container === undefined || container === name ? [] : [container])];
  return [uuid.slice(0, ENOUGH), ...database, ...(dbid === undefined ? [] : [dbid])].join('/');
}

/** Another pair of servers answers than the one that was named, or none that can be told from others. Nothing is broken. */
export class OtherSystem extends Error {
  override readonly name = 'OtherSystem';

  /** @param told that of the servers that answer. */
  constructor(told: string | null) {
    super(
      told === null
        ? 'TEST_SYSTEM_UNKNOWN: the servers do not tell enough to be known from others, so nothing is broken on them. Open the management service of Couchbase (8091 or 18091) to the functions'
        : 'TEST_SYSTEM_OTHER: these servers have another name than the one that was given, so nothing was broken. npx crossfade certify status tells the name: is it a test system, and the right --url?',
    );
  }
}
