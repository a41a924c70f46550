/** Markers of deletions in Couchbase, as a verification has met them. */
import type { Markers } from '../../../functions/records/run.ts';
import { instant } from './time.ts';

/** One line, or none: functions of the version before tell none, and nobody has counted them in a run of mode `count`. */
export function markersLines(markers: Markers | undefined): string[] {
  if (markers === undefined) return [];
  const { count, oldest } = markers;
  if (count === 0 || oldest === null) return ['No marker of a deletion lay in Couchbase at its first look.'];
  return count === 1
    ? [`1 marker of a deletion lay in Couchbase at its first look, since ${instant(oldest)}.`]
    : [
        `${count} markers of deletions lay in Couchbase at its first look, the oldest since ${instant(oldest)}.`,
      ];
}
