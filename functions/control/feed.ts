/** The gate of the change feed: nobody writes past the API any more, and the feed would tell. */
import type { FeedSeen, Foreign } from '../records/feed.ts';
import type { Condition } from './condition.ts';

/** Of a collection that has a feed. */
export interface FeedEvidence {
  /** Milliseconds, of the configuration. */
  readonly quiet: number;
  readonly silent: number;
  /** Where its changes come by a topic of Kafka. */
  readonly kafka?: { readonly topic: string } | undefined;
  /** Null where no probe was ever written. */
  readonly seen: FeedSeen | null;
  /** Those of the last first. */
  readonly foreign: readonly Foreign[];
}

/** Silence alone proves nothing: probes must come back. */
export function isSilent({ seen, silent }: Pick<FeedEvidence, 'seen' | 'silent'>, now: number): boolean {
  return seen === null || now - seen.seen > silent;
}

/** When somebody has written past the API last, in milliseconds since the epoch; 0 for never. */
export function lastForeign({ foreign }: Pick<FeedEvidence, 'foreign'>): number {
  return foreign.reduce((latest, { last }) => Math.max(latest, last), 0);
}

/** None where the collection has no feed, or functions of the version before tell nothing of it. */
export function feedConditions(feed: FeedEvidence | undefined, now: number): Condition[] {
  if (feed === undefined) return [];
  return [{ name: 'change feed', ...judged(feed, now) }];
}

const BY_EVENTING = 'Deploy the function of npx crossfade eventing, or look at its failures in Couchbase';

function byTopic({ topic }: { readonly topic: string }): string {
  return `Start the connector of npx crossfade connector, or look whether it writes into the topic ${topic}, and how far the function Feed is behind`;
}

function judged(feed: FeedEvidence, now: number): Pick<Condition, 'holds' | 'measured'> {
  const at = (time: number) => new Date(time).toISOString();
  const { seen, quiet, kafka } = feed;
  if (seen === null || isSilent(feed, now)) {
    const since = seen === null || seen.seen === 0 ? 'yet' : `since ${at(seen.seen)}`;
    return {
      holds: false,
      measured: `FEED_SILENT: no probe has come back ${since}. ${kafka === undefined ? BY_EVENTING : byTopic(kafka)}`,
    };
  }
  const last = lastForeign(feed);
  const from = Math.max(seen.since, last);
  const about =
    from === last
      ? `the last write past the API was found at ${at(last)}`
      : `the feed has told of everything since ${at(seen.since)}, and of no write past the API`;
  const seconds = Math.ceil(quiet / 1000);
  return now - from >= quiet
    ? { holds: true, measured: about }
    : {
        holds: false,
        measured: `${about}; ${seconds} s without one are needed, which are over at ${at(from + quiet)}`,
      };
}
