/** Keys of no documents, to ask a store whether it could write. */
import { randomUUID } from 'node:crypto';

/**
 * So many that one of them falls on a node's share of the documents: of a node among three that is gone, each misses with 1/3 at the most, and
 * all of them with one in 20 million.
 */
const ENOUGH = 16;

export function probeKeys(): string[] {
  return Array.from({ length: ENOUGH }, () => `crossfade-probe-${randomUUID()}`);
}
