/**
 * Whether change feeds are at work: each look writes a probe into Couchbase and removes it, and the feed brings its key back. So what is measured is all of it: Couchbase, the
 * Eventing function, its token, the gateway and the API.
 */
import { isSilent } from '../control/feed.ts';
import type { Stepped } from '../control/seen.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { FeedSeen } from '../records/feed.ts';

export interface ProbePorts {
  /** Null where the collection has none. `silent`: milliseconds without a probe after which it counts as silent. */
  feedOf(collection: string): { readonly silent: number } | null;
  /** Rejects where Oracle does not answer. */
  seen(collection: string): Promise<FeedSeen | null>;
  /** Nobody can guess it. */
  newKey(): string;
  /** Before it is written. @param at milliseconds since the epoch; 0 where it could not be. */
  note(collection: string, key: string, at: number): Promise<void>;
  /** Puts a document under this key, and removes it. Rejects where Couchbase does not answer. */
  write(collection: string, key: string): Promise<void>;
}

interface Ports {
  readonly probes: ProbePorts;
  /** Milliseconds since the epoch. */
  now(): number;
  count(metric: string, value: number): void;
  warn(message: string, about: Readonly<Record<string, unknown>>): void;
}

const isWatched = (phase: Phase) => ROUTES[phase].second !== null;

/** In phases that write both stores. A store that is away is no silence of the feed: other alarms say so. */
export async function probeFeeds(stepped: readonly Stepped[], ports: Ports): Promise<void> {
  let silent = 0;
  for (const { collection, decision, age } of stepped) {
    const feed = ports.probes.feedOf(collection);
    if (feed === null || !isWatched(decision.phase)) continue;
    try {
      if (await isProbedInVain(collection, feed, age * 1000, ports)) silent++;
    } catch (error) {
      ports.warn('The change feed was not probed: the next look does it', {
        collection,
        cause: String(error),
      });
    }
  }
  ports.count('FeedsSilent', silent);
}

/** @param age milliseconds since the phase began: a feed has that long to come back first. */
async function isProbedInVain(
  collection: string,
  feed: { readonly silent: number },
  age: number,
  { probes, now, warn }: Ports,
): Promise<boolean> {
  const seen = await probes.seen(collection);
  const silent = age > feed.silent && isSilent({ seen, silent: feed.silent }, now());
  if (silent)
    warn('FEED_SILENT: the change feed brings no probe back: what is written past the API is not seen', {
      ...{ collection, seen: seen?.seen ?? 0 },
    });
  // One that is late is waited for: how late it is, is the lag.
  const isUnderWay = seen !== null && seen.probed > seen.seen && now() - seen.probed < feed.silent;
  if (isUnderWay) return silent;
  const key = probes.newKey();
  await probes.note(collection, key, now());
  await probes.write(collection, key).catch(async (error: unknown) => {
    // The next look writes another one, and waits for none that may never have been there.
    await probes.note(collection, key, 0);
    throw error;
  });
  return silent;
}
