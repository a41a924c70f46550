/** Ids of runs, from the names of the executions that begin them. */
import { createHash } from 'node:crypto';

/** Bytes that an id may have: as many as its columns in Oracle and the messages of the version before take. */
export const MOST_BYTES = 64;
/** Characters that an execution's name may have. EventBridge gives two UUIDs, 73 of them. */
export const LONGEST_NAME = 80;

/**
 * The name itself, where it is short enough. Otherwise its beginning, by which the execution can be found, and a hash of it: the same name
 * always makes the same id, so that a step that is tried again finds its run.
 */
export function runIdOf(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name;
  const hash = createHash('sha256').update(name).digest('base64url').slice(0, 27);
  // Characters of one byte, so that none is cut in two.
  const beginning = name.replace(/[^\x21-\x7e]/g, '-').slice(0, MOST_BYTES - hash.length - 1);
  return `${beginning}-${hash}`;
}
