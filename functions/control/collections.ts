/** Work on all collections: reads together, acts a few at a time. */
import pMap from 'p-map';

/** Collections that are looked at at the same time. */
const CONCURRENCY = 4;

export function atOnce<Result>(
  collections: readonly string[],
  act: (collection: string) => Promise<Result>,
): Promise<Result[]> {
  return pMap(collections, act, { concurrency: CONCURRENCY });
}

/**
 * Reads of all collections go together: one by one they would use up what SSM answers in a second. What is read here is acted on within
 * the time of this controller, as what is read later would be.
 */
export function readTogether<Read>(
  collections: readonly string[],
  read: (collection: string) => Promise<Read>,
): (collection: string) => Promise<Read> {
  const reads = new Map(collections.map((collection) => [collection, read(collection)]));
  // Each is awaited by its own collection, and fails that one alone.
  for (const each of reads.values()) each.catch(() => {});
  return (collection) => reads.get(collection) ?? read(collection);
}
