/**
 * A gap: nothing in Couchbase, and a document in Oracle that Couchbase has ordered. It was deleted in `expand`, or written over by
 * what has expired since and never came to Oracle; in `switch`, where nobody deletes without leaving a marker, it may also be lost.
 */

import { CallFailed, call, type Steps } from './call.ts';
import type { Phase } from './phase.ts';
import {
  type CouchbaseState,
  floorOf,
  isNothing,
  isOutdated,
  NO_DOCUMENT,
  type OracleState,
} from './state.ts';
import { above, NO_VERSION, type Version } from './version.ts';

/** Whether what Couchbase holds says nothing of its key. */
export function saysNothing(phase: Phase, held: CouchbaseState, row: OracleState): boolean {
  return isNothing(held) || (phase === 'switch' && isOutdated(held, row));
}

/** In `switch` the row counts, and there is no gap any more, once nothing older than what guards the key in Couchbase can come there. */
export function isGap(phase: Phase, held: CouchbaseState, row: OracleState): boolean {
  if (row.content === null || !saysNothing(phase, held, row)) return false;
  return phase !== 'switch' || held.cas === 0n || row.handback < held.cas;
}

/**
 * One step towards both stores saying the same of a gap. All who write the key meet in Couchbase. What no tombstone explains may have
 * been forgotten in a failover: it counts as deleted, for a repair must not bring back what was deleted, and is set aside.
 * @param doubted whether a tombstone of this CAS explains nothing, since a repair may have left it.
 */
export function* fillGap(
  phase: Phase,
  held: CouchbaseState,
  row: OracleState,
  doubted: (gone: bigint) => boolean = () => false,
): Steps<void> {
  const { cas } = held;
  if (phase === 'switch') {
    if (cas === 0n) yield* placehold();
    else yield* call('oracle.swap', { from: row, to: { ...row, handback: cas } });
    return;
  }
  if (cas !== 0n && cas < floorOf(row)) return yield* bringBack(held, row);
  // A placeholder has taken the place of whatever tombstone there was.
  const gone = cas === 0n ? yield* call('couchbase.gone', {}) : NO_VERSION;
  // Somebody has written there since the look. What a tombstone would have told is no longer known, and no longer needed.
  if (gone === null) return;
  const aside = gone > floorOf(row) && !doubted(gone) ? undefined : 'unexplained';
  if (phase === 'expand') {
    const to = { ...row, content: null, version: above(row.version) };
    yield* call('oracle.swap', { from: row, to, aside });
    return;
  }
  const guard = cas === 0n ? yield* placehold() : cas;
  // 1. The row is read. 2. A write puts another document over it, in both stores. 3. A failover. 4. Couchbase holds nothing. A look from
  // before the failover is no evidence.
  if (guard === null || !(yield* unchanged(row))) return;
  if (aside !== undefined) yield* call('oracle.keep', { state: row, reason: aside, by: null });
  // 1. The row is read for the last time. 2. A write puts a document over the placeholder, in both stores. 3. A failover brings the
  // placeholder back. 4. The marker's own CAS would be above that document. That of the placeholder is below it, and above all that has been
  // there before the row was read.
  yield* mark(guard, above(floorOf(row), guard - 1n));
}

/** A placeholder below the row: what the row holds was put over it, and a failover has brought it back. */
function* bringBack({ cas }: CouchbaseState, row: OracleState): Steps<void> {
  const { content, version } = row;
  if (yield* unchanged(row)) yield* call('couchbase.swap', { cas, content, version });
}

/**
 * Removes a marker or a placeholder from Couchbase, and looks at the row once more: 1. The row is read. 2. A write puts a document over
 * the marker, in both stores. 3. A failover brings the marker back, CAS and all. 4. It is removed, and its tombstone, which is above what
 * was written, looks like a deletion of that.
 * @returns whether it was there, and nothing is left to do.
 */
export function* erase(phase: Phase, { cas }: CouchbaseState, row: OracleState): Steps<boolean> {
  const erased = yield* call('couchbase.erase', { cas });
  if (erased === null) return false;
  // Where Oracle orders the keys, or is read, the row counts.
  if (phase !== 'expand' && phase !== 'seal') return true;
  const now = yield* call('oracle.read', {});
  if (now.version === row.version || now.content === null || now.handoff !== null) return true;
  yield* fillGap(phase, NO_DOCUMENT, now, (gone) => gone === erased);
  return false;
}

function* unchanged(row: OracleState): Steps<boolean> {
  const now = yield* call('oracle.read', {});
  return now.version === row.version && now.handoff === null;
}

/** Puts a placeholder where Couchbase holds nothing. Returns its CAS, or null where something has come there. */
export function placehold(): Steps<bigint | null> {
  return mark(0n, NO_VERSION);
}

function* mark(cas: bigint, version: Version): Steps<bigint | null> {
  if (!(yield* call('receipt.sent', {})))
    throw new CallFailed('A marker goes by a receipt, which could not be sent');
  return yield* call('couchbase.swap', { cas, content: null, version });
}
