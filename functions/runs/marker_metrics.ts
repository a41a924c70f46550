/** Metrics of the markers of deletions that a verification has met in Couchbase. */
import type { Run } from '../records/run.ts';
import type { Summary } from './summary.ts';

export interface MarkerMetrics {
  readonly count: number;
  /** Seconds since the oldest was written; 0 where there was none. */
  readonly age: number;
}

/**
 * Of a verification of all keys, once it has ended: one of a part says nothing of the others. Null for any other run, and where nobody has counted them.
 * @param now milliseconds since the epoch.
 */
export function markerMetrics(
  { options }: Pick<Run, 'options'>,
  { outcome, verified }: Pick<Summary, 'outcome' | 'verified'>,
  now: number,
): MarkerMetrics | null {
  if (outcome === 'unfinished' || options.range !== undefined || verified?.markers === undefined) return null;
  const { count, oldest } = verified.markers;
  // The clock of Couchbase may be ahead.
  return { count, age: oldest === null ? 0 : Math.max(0, Math.round((now - oldest) / 1000)) };
}
