/** Whether a store is still the one that a collection was migrated with. */
import type { Phase, StoreName } from '../protocol/phase.ts';
import { UNREADABLE } from '../records/heartbeat.ts';
import { changedMarks, comparable, type Marks, marksText } from '../records/marks.ts';

/** One store of a collection. */
export interface Sight {
  readonly store: StoreName;
  /** What the store says now; null where it does not answer. */
  readonly seen: Marks | null;
  /** What it was when the collection left `legacy`, or when an operator accepted it; null where it was never seen. */
  readonly remembered: Marks | null;
  /** Why nothing may be repaired or moved; null where nothing speaks against it. */
  readonly problem: string | null;
}

/** The stores that repairs depend on in a phase. In `legacy` there are none; in `contract` Couchbase may be gone. */
export function storesOf(phase: Phase): readonly StoreName[] {
  if (phase === 'legacy') return [];
  return phase === 'contract' ? ['oracle'] : ['couchbase', 'oracle'];
}

const NAMES: Readonly<Record<StoreName, string>> = { couchbase: 'Couchbase', oracle: 'Oracle' };

/** @param seen null where the store does not answer: that is no other store. */
export function sight(
  collection: string,
  store: StoreName,
  seen: Marks | null,
  remembered: Marks | null,
): Sight {
  return { store, seen, remembered, problem: problemOf(collection, store, seen, remembered) };
}

function problemOf(
  collection: string,
  store: StoreName,
  seen: Marks | null,
  remembered: Marks | null,
): string | null {
  if (seen?.history === UNREADABLE)
    return (
      `IDENTITY_UNKNOWN: nobody can tell whether Oracle of ${collection} has lost commits: the table CROSSFADE_HEARTBEAT is not there any more, or may ` +
      'not be read. Nothing is repaired, copied, swept or moved. Create and grant it as the owner of the tables: npx crossfade schema --grant-to USER. ' +
      `If the database was restored to a time before that table, accept it then: ${acceptCommand(collection)}`
    );
  // Nothing was readable when it was first seen, or an operator has accepted that nothing is.
  if (seen === null || remembered === null || Object.keys(remembered).length === 0) return null;
  const changed = changedMarks(remembered, seen);
  const were = marksText(remembered);
  if (changed.length > 0)
    return (
      `IDENTITY_CHANGED: ${NAMES[store]} of ${collection} is another one (${changed.join(', ')}): it is ${marksText(seen)}, and was ${were}. ` +
      `${changed.includes('history') ? HISTORY : ''}Nothing is repaired, copied, swept or moved. Bring the old one back (check the secret), or accept this one: ${acceptCommand(collection)}`
    );
  if (comparable(remembered, seen)) return null;
  return (
    `IDENTITY_UNKNOWN: ${NAMES[store]} of ${collection} does not say any more which one it is; it was ${were}. Nothing is repaired, copied, ` +
    `swept or moved. Restore the right to read it, or go on without: ${acceptCommand(collection)}`
  );
}

const HISTORY =
  'Its history is counted by a number that rises once a minute: what was committed after the number that it fell back to may be missing. ';

/** What an operator says once it is certain which store holds the truth. */
function acceptCommand(collection: string): string {
  return `npx crossfade identity accept ${collection} --truth couchbase|oracle --why "…"`;
}
