/** A change feed by Kafka, from end to end: the records of the connector of the embedded Couchbase, brought as Lambda brings them, to the function and on to settled receipts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../functions/edge/container.ts';
import { kafkaRecords } from '../../functions/edge/kafka_event.ts';
import { takeRecords } from '../../functions/edge/kafka_feed.ts';
import { kafkaEvent } from '../../infra/local/kafka_topics.ts';
import type { Kept } from '../../infra/local/servers/couchbase/connector/connectors.ts';
import { CONFIGURATION, type FeedWorld } from './feed_world.ts';

/** The collection's topic; the same keys without anything else are in another one. */
const TOPICS = { metadata: 'changes', none: 'keys' } as const;
type Values = keyof typeof TOPICS;

/** From now on both topics, and nothing else, tell of changes. */
async function begin(it: FeedWorld): Promise<void> {
  const { bucket, scope, collection } = it.cluster.keyspace;
  await it.undeploy();
  for (const values of ['metadata', 'none'] as const) {
    const topic = TOPICS[values];
    await it.couchbase.connect({ bucket, scope, collection, values, topic, partitions: 3 });
    await read(it, values);
  }
  it.passed += 60_000;
}

const configured = (values: Values) => ({
  ...CONFIGURATION,
  collections: {
    documents: {
      ...CONFIGURATION.collections.documents,
      feed: { quiet: 1000, silent: 60_000, kafka: { topic: TOPICS[values], values } },
    },
  },
});

/** As Lambda: all records of an event, or an error, and then all of them again. */
async function bring(it: FeedWorld, values: Values, records: readonly Kept[]): Promise<void> {
  const phases = { current: async () => ({ phase: it.phase }) } as unknown as Container['phases'];
  const parts = { ...it.parts, configuration: configured(values), phases } as Parameters<
    typeof takeRecords
  >[1];
  await takeRecords(kafkaRecords(kafkaEvent(TOPICS[values], records)), parts, it.route, () => 20_000);
}

/** What the connectors have written since this was asked the last time. */
const read = (it: FeedWorld, values: Values = 'metadata') => it.couchbase.records(TOPICS[values], 10_000);

/** A record that anybody may have written who may write into the topic. */
const forged = (key: string, cas: bigint, event: string): Kept => ({
  ...{ partition: 0, offset: 1_000_000, timestamp: 0, key: Buffer.from(key).toString('base64') },
  value: Buffer.from(`{"event":"${event}","key":${JSON.stringify(key)},"cas":${cas}}`).toString('base64'),
});

/** Partitions have no order between them: the later ones first, and each record as often as given. */
const shuffled = (records: readonly Kept[], times: number) =>
  Array.from({ length: times }, () =>
    records.toSorted((one, other) => other.partition - one.partition),
  ).flat();

async function both({ cluster, database }: FeedWorld, key: string) {
  const [held, row] = [await cluster.store.read(key), await database.store.read(key)];
  return [held, row].map(({ content }) => (content === null ? null : Buffer.from(content.body).toString()));
}

async function foreignComes(it: FeedWorld, values: Values): Promise<void> {
  const { collection } = it.cluster;
  const keys = [1, 2, 3, 4].map((n) => `${values}:${n}`);
  for (const key of keys) await collection.upsert(key, { n: 1 });
  await collection.remove(keys[3] as string);
  await bring(it, values, shuffled(await read(it, values), 2));
  assert.equal(it.receipts.length, 4);
  assert.deepEqual((await it.settled()).sort(), ['foreign', 'foreign', 'foreign', 'foreign']);
  assert.deepEqual(await both(it, keys[0] as string), ['{"n":1}', '{"n":1}']);
  it.passed += 60_000;
  await collection.remove(keys[0] as string);
  await bring(it, values, await read(it, values));
  assert.deepEqual(await it.settled(), ['foreign']);
  assert.deepEqual(await both(it, keys[0] as string), [null, null]);
}

async function ownIsKnown(it: FeedWorld): Promise<void> {
  for (let n = 0; n < 5; n++) await it.put('expand', `ours-${n}`, `${n}`);
  await bring(it, 'metadata', await read(it));
  assert.deepEqual([it.receipts.length, it.metrics.get('ChangesKnown')], [0, 5]);
  await bring(it, 'none', await read(it, 'none'));
  assert.deepEqual(
    await it.settled(),
    Array.from({ length: 5 }, () => 'none'),
  );
}

async function liesHideNothing(it: FeedWorld): Promise<void> {
  const { collection } = it.cluster;
  await collection.upsert('zombie', 'theirs');
  await it.put('expand', 'zombie', '"ours"');
  await it.put('expand', 'zombie', null);
  await it.put('expand', 'alive', '"ours"');
  const late = await read(it);
  await collection.upsert('hidden', 'theirs');
  const highest = 2n ** 64n - 1n;
  const lies = ['zombie', 'alive', 'hidden', 'nobody'].flatMap((key) =>
    [1n, highest].flatMap((cas) => ['mutation', 'deletion'].map((event) => forged(key, cas, event))),
  );
  await bring(it, 'metadata', shuffled([...lies, ...late, ...(await read(it))], 3));
  await bring(it, 'metadata', shuffled(late, 2));
  const told = await it.settled();
  assert.equal(told.filter((each) => each === 'foreign').length, 1, 'the hidden one');
  assert.deepEqual(await both(it, 'zombie'), [null, null]);
  assert.deepEqual(await both(it, 'alive'), ['"ours"', '"ours"']);
  assert.deepEqual(await both(it, 'hidden'), ['theirs', 'theirs']);
  assert.deepEqual(await both(it, 'nobody'), [null, null]);
}

async function floodIsTaken(it: FeedWorld): Promise<void> {
  const { collection } = it.cluster;
  await Promise.all(
    Array.from({ length: 300 }, (_, n) => collection.upsert(n % 2 === 0 ? 'hot' : `flood-${n}`, n)),
  );
  const probe = 'crossfade-feed-probe/topic';
  await it.feeds.probe('documents', probe, Date.now());
  await collection.upsert(probe, {});
  await collection.remove(probe);
  await bring(it, 'metadata', await read(it));
  assert.equal(it.receipts.length, 151);
  const { probed, seen } = (await it.feeds.seen('documents')) ?? { probed: 0, seen: -1 };
  assert.ok(seen >= probed, `${seen} ${probed}`);
  it.receipts.length = 0;
}

const CASES: readonly (readonly [name: string, holds: (it: FeedWorld) => Promise<void>])[] = [
  ['a write past the API comes to Oracle, and so does a deletion', (it) => foreignComes(it, 'metadata')],
  ['of keys alone they do so, too', (it) => foreignComes(it, 'none')],
  ['writes of our own cost no receipt; where it has keys alone, they are told to be our own', ownIsKnown],
  ['what is forged, late, repeated or of no document brings nothing back and hides nothing', liesHideNothing],
  ['a flood is taken with a receipt for each key, and a probe comes back through it', floodIsTaken],
];

export function topicCases(world: () => FeedWorld, skip: string | false): void {
  for (const [name, holds] of CASES)
    test(`by a topic, ${name}`, { skip }, async () => {
      await begin(world());
      await holds(world());
    });
}
