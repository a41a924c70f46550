/** That writes are acknowledged without the store that follows, by their receipts alone. Times are milliseconds since the epoch. */
import * as v from 'valibot';

const AWAY = v.object({ since: v.pipe(v.number(), v.integer()), at: v.pipe(v.number(), v.integer()) });

/** From when on writes were seen to be acknowledged without the store, and when last. */
export type Away = v.InferOutput<typeof AWAY>;

/** Milliseconds between two notes. */
export const INTERVAL = 60_000;
/** A note that is older says nothing of now: a note is a minute old, and a container that finds one may take its time. */
const FRESH = 3 * INTERVAL;

/** Null where there is no note, or none that can be read: the next one takes its place. @param value of the parameter. */
export function awayIn(value: string | undefined): Away | null {
  try {
    const { success, output } = v.safeParse(AWAY, JSON.parse(value ?? ''));
    return success ? output : null;
  } catch {
    return null;
  }
}

export function isFresh({ at }: Away, now: number): boolean {
  return now - at < FRESH;
}

/** What is to be noted now; null where another container has noted it a moment ago. */
export function nextAway(before: Away | null, now: number): Away | null {
  if (before === null || !isFresh(before, now)) return { since: now, at: now };
  return now - before.at < INTERVAL ? null : { since: before.since, at: now };
}
