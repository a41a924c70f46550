/** How many requests a second each caller of the API may send. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';

/** Seconds of the rate that a caller may send at the same moment, where the settings do not say. */
const AT_ONCE = 10;

/** Of all containers together; null for no limit. */
export const CALLER_LIMIT = v.nullable(
  v.strictObject({
    perSecond: whole(1, 1_000_000),
    /** Requests that a caller who has sent none for a while may send at once. */
    burst: v.optional(whole(1, 10_000_000)),
    /** How many share it out; all that the API may have, where the settings do not say. */
    containers: v.optional(whole(1, 100_000)),
  }),
);

/**
 * The part of the limit that one container allows: containers know nothing of one another, so each has the same part. It is exact while requests are
 * spread over all of them, as under overload; a caller whose requests come to few containers is refused earlier.
 */
export function callerShare(
  limit: v.InferOutput<typeof CALLER_LIMIT>,
): { readonly perSecond: number; readonly burst: number } | null {
  if (limit === null) return null;
  const { perSecond, burst = AT_ONCE * perSecond, containers = 1 } = limit;
  return { perSecond: perSecond / containers, burst: Math.max(1, burst / containers) };
}
