/**
 * How long calls have taken, counted in buckets: enough for a percentile, in little room, and two of them can be added up. Each bucket is 19 % wider than the
 * one before, so a percentile is told up to 19 % too high, and never too low.
 */

/** Counts by the number of the bucket. */
export type Latencies = Readonly<Record<string, number>>;

export const NO_LATENCIES: Latencies = {};

/** Milliseconds up to which the first bucket counts, and by how much each next one counts further. */
const [FIRST, GROWTH] = [0.1, 2 ** 0.25];
/** The last one counts from 88 s on: no call takes longer. */
const LAST = 79;

/** The same, with one call more. @param took milliseconds. */
export function withCall(latencies: Latencies, took: number): Latencies {
  const bucket = bucketOf(took);
  return { ...latencies, [bucket]: (latencies[bucket] ?? 0) + 1 };
}

export function addedUp(one: Latencies, other: Latencies): Latencies {
  const sum: Record<string, number> = { ...one };
  for (const [bucket, count] of Object.entries(other)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

export function callsIn(latencies: Latencies): number {
  return Object.values(latencies).reduce((all, count) => all + count, 0);
}

/** Milliseconds that so many percent of the calls have not exceeded; null where there was none. */
export function percentile(latencies: Latencies, percent: number): number | null {
  const calls = callsIn(latencies);
  if (calls === 0) return null;
  let left = Math.max(1, Math.ceil((percent / 100) * calls));
  for (let bucket = 0; bucket < LAST; bucket++) {
    left -= latencies[bucket] ?? 0;
    if (left <= 0) return boundOf(bucket);
  }
  return boundOf(LAST);
}

function bucketOf(took: number): number {
  if (took <= FIRST) return 0;
  return Math.min(LAST, Math.ceil(Math.log(took / FIRST) / Math.log(GROWTH) - 1e-9));
}

/** Three figures of it: more would tell nothing. */
function boundOf(bucket: number): number {
  return Number((FIRST * GROWTH ** bucket).toPrecision(3));
}
