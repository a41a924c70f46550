/** Change feeds over the stores: what gates are told of them, and the probes that go through them. */
import { randomUUID } from 'node:crypto';
import type { Feed } from '../configuration/feed.ts';
import type { FeedEvidence } from '../control/feed.ts';
import type { ProbePorts } from '../operations/feeds.ts';
import { documentFrom } from '../protocol/fingerprint.ts';
import { PROBE } from '../stores/feed_probe.ts';
import type { Reach } from '../stores/reach.ts';
import type { Stores } from './stores.ts';

/** Nothing where the collection has no feed. Rejects where Oracle does not answer. */
export async function feedEvidence(
  stores: {
    feedOf(collection: string): Feed | null;
    readonly feeds: Pick<Stores['feeds'], 'seen' | 'foreign'>;
  },
  collection: string,
  reach: Reach,
): Promise<{ readonly feed?: FeedEvidence }> {
  const feed = stores.feedOf(collection);
  if (feed === null) return {};
  const [seen, foreign] = await reach.ask('oracle', () =>
    Promise.all([stores.feeds.seen(collection), stores.feeds.foreign(collection)]),
  );
  return { feed: { ...feed, seen, foreign } };
}

/** Milliseconds after which Couchbase drops a probe that could not be removed. */
const LIFE = 60_000;

/** @param now milliseconds since the epoch. */
export function probePorts(stores: Stores, reach: Reach, now: () => number): ProbePorts {
  const oracle = <A>(question: () => Promise<A>) => reach.ask('oracle', question);
  return {
    feedOf: (collection) => stores.feedOf(collection),
    seen: (collection) => oracle(() => stores.feeds.seen(collection)),
    newKey: () => PROBE + randomUUID(),
    note: (collection, key, at) => oracle(() => stores.feeds.probe(collection, key, at)),
    write: (collection, key) => {
      const { couchbase, keyspace } = stores.of(collection);
      return reach.ask(`couchbase ${keyspace.bucket}`, async () => {
        const content = documentFrom(
          Buffer.from('{"crossfade":"probe"}'),
          Math.ceil((now() + LIFE) / 1000) * 1000,
        );
        await couchbase.upsert(key, { content });
        await couchbase.remove(key);
      });
    },
  };
}
