/** Probes of a change feed: documents that Crossfade puts into Couchbase, and removes, to see them come back by the feed. */

/** What their keys begin with. */
export const PROBE = 'crossfade-feed-probe/';

export function isProbe(key: string): boolean {
  return key.startsWith(PROBE);
}
