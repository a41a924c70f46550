/** Somebody writes past the API, and a change feed tells of it, or has stopped telling. */
import assert from 'node:assert/strict';
import { deployFeeds } from '../../../infra/local/feeds.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { TOPIC, WITH_FEED } from '../stack.ts';

const SILENT: Row = {
  table: 'alarms',
  signs: ['FeedsSilent'],
  happened:
    'the change feed of a collection brings no probe back, for longer than `feed.silent`: what is written past the API is not seen. Nothing is lost by it that would not be lost without a feed, and the gate before ' +
    '`seal` is shut',
  advice:
    'is the Eventing function deployed, and does Couchbase count failures of it? `CROSSFADE_CHANGE_NOT_SENT` in its log tells the status of the API: 401, the token has expired, so pause the function, set the bearer key, and resume; 403, it ' +
    'lacks the scope; 409, the collection has no `feed`, or one by `kafka`; 0, Couchbase does not reach the API. Of a feed by `kafka`: does the connector run, do records come into the topic, and what does `KafkaFeedLate` say? `npx crossfade status` says when a probe has come back last. What was written meanwhile, `npx crossfade verify start NAME` finds',
};

const LATE: Row = {
  table: 'alarms',
  signs: ['ForeignConflicts'],
  happened:
    'somebody has written past the API in `seal` or later. In `seal` and `switch` both stores have it now, and what it was written over is gone. In `settle` it was replaced by what Oracle holds, and is set aside. In `contract` nobody reads it, ' +
    'and it stays in Couchbase alone',
  advice:
    '`npx crossfade status` says with which prefixes, and when, where the collection has a feed; `FOREIGN_WRITE` in the logs of Reconcile, Api, Backfill and, in `contract`, Feed says which keys. Find who writes, and take its right to write away. Of `settle`, `npx crossfade set-aside list NAME` shows ' +
    'what was set aside, and `npx crossfade set-aside restore NAME --prefix P --why …` what would be written again; `--confirm` writes it. See [Writers past the API](#writers-past-the-api)',
};

const PLACE = { collection: 'cities', key: 'old:Atlantis' };
const NIGHTLY = { collection: 'cities', key: 'nightly:Atlantis' };
const [OURS, THEIRS] = ['{"name":"Atlantis","country":"GR"}', '{"name":"Atlantis","country":"EG"}'];

const UNREAD: Row = {
  table: 'alarms',
  signs: ['KafkaFeedUnread'],
  happened:
    'records in the topic of a change feed tell of no change: somebody else has written them, or the connector writes another form than `feed.kafka.values` says. They are left out, and the others are taken',
  advice:
    '`CHANGE_UNREAD` in the log of the function Feed says how many, of which topic, with partition, offset and reason of some. Who else may write into the topic? Compare the connector with what is printed for [writers past the API](#writers-past-the-api). What was written meanwhile, ' +
    '`npx crossfade verify start NAME` finds',
};

const seenIn = async (field: Field, collection: string) => {
  const { evidence } = await field.statusOf(collection);
  return 'missing' in evidence ? 0 : (evidence.feed?.seen?.seen ?? 0);
};

/** As the manual says: imports the function with a token, deploys it, starts the connector, and waits until probes have come back. Where these days begin. */
export async function feedAtWork(field: Field): Promise<void> {
  const { deployment, stores, feeds } = field.stack;
  await feeds.stop();
  feeds.stop = await deployFeeds(WITH_FEED.configuration, deployment, stores.couchbase);
  const since = Date.now();
  for (const collection of ['cities', 'countries'])
    await field.until(
      `no probe comes back of ${collection}`,
      () => seenIn(field, collection),
      (seen) => seen > since,
    );
}

/** Sends what was set aside to both stores again, as the manual says. */
async function restoreLate(field: Field, prefix: string): Promise<void> {
  assert.match(await field.succeed('set-aside', 'list', 'cities'), new RegExp(`${prefix}Atlantis`));
  const restore = ['set-aside', 'restore', 'cities', '--prefix', prefix, '--why', 'it was meant'];
  await field.succeed(...restore);
  await field.succeed(...restore, '--confirm');
}

export const FEEDS: readonly Day[] = [
  {
    name: 'feed-silent',
    row: SILENT,
    provoke: ({ stack }) => stack.stores.couchbase.eventing({ stopped: true }),
    expect: async (field) => {
      assert.ok(field.said('FEED_SILENT'));
      assert.match(await field.succeed('status'), /FEED_SILENT: no probe has come back since/);
    },
    remedy: async (field) => {
      await field.stack.stores.couchbase.eventing({});
      await field.crowd.stop();
      await field.settled();
      await field.succeed('verify', 'start', 'cities');
    },
    healed: async (field) => assert.match(await field.succeed('status'), /feed {5}at work since/),
  },
  {
    name: 'topic-silent',
    row: SILENT,
    provoke: ({ stack }) => stack.feeds.stop(),
    expect: async (field) =>
      assert.match(
        await field.succeed('status'),
        /topic country-changes: FEED_SILENT: no probe has come back/,
      ),
    remedy: async (field) => {
      await feedAtWork(field);
      await field.crowd.stop();
      await field.settled();
      await field.succeed('verify', 'start', 'countries');
    },
    healed: async (field) =>
      assert.match(await field.succeed('status'), /topic country-changes: at work since/),
  },
  {
    name: 'topic-unread',
    row: UNREAD,
    provoke: ({ stack }) =>
      stack.stores.couchbase.produce(TOPIC, Buffer.from('anything'), Buffer.from('{"name":"zqvalue"}')),
    expect: async (field) => assert.ok(field.said('CHANGE_UNREAD') && !field.said('zqvalue')),
    remedy: async (field) => {
      await field.crowd.stop();
      await field.settled();
      await field.succeed('verify', 'start', 'countries');
    },
  },
  {
    name: 'feed-finds-a-late-write',
    row: LATE,
    isQuiet: true,
    provoke: async (field) => {
      await field.place('settle', 60_000, 'settle');
      await field.obeyed('settle');
      await field.app.put(PLACE, OURS);
      await field.held(PLACE.collection, PLACE.key, OURS);
      await field.stores.upsert(PLACE, THEIRS);
    },
    expect: async (field) => {
      assert.ok(field.said('FOREIGN_WRITE'));
      const told = await field.succeed('status');
      assert.match(told, /old: {2}\d+ in settle, .*LATE/);
      await field.held(PLACE.collection, PLACE.key, OURS);
    },
    remedy: (field) => restoreLate(field, 'old:'),
    healed: async (field) => field.held(PLACE.collection, PLACE.key, THEIRS),
  },
  {
    // The receipt of our own write finds it first, and leaves the feed nothing to find.
    name: 'receipt-finds-a-late-write',
    row: LATE,
    isQuiet: true,
    provoke: async (field) => {
      const { held, stores } = field.stack;
      await field.place('settle', 60_000, 'settle');
      await field.obeyed('settle');
      held.queue = 'ReceiptsQueue';
      await field.app.put(NIGHTLY, OURS);
      await field.held(NIGHTLY.collection, NIGHTLY.key, OURS);
      await stores.couchbase.eventing({ stopped: true });
      await field.stores.upsert(NIGHTLY, THEIRS);
      held.queue = null;
    },
    expect: async (field) => {
      assert.ok(field.said('FOREIGN_WRITE'));
      await field.held(NIGHTLY.collection, NIGHTLY.key, OURS);
    },
    remedy: async (field) => {
      await field.stack.stores.couchbase.eventing({});
      await restoreLate(field, 'nightly:');
    },
    healed: async (field) => {
      await field.held(NIGHTLY.collection, NIGHTLY.key, THEIRS);
      assert.match(await field.succeed('status'), /nightly: {2}\d+ in settle, .*LATE/);
    },
  },
];
