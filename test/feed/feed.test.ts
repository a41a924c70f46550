/** A change feed from end to end, with the real driver, the real SQL and the printed function: what is written past the API, and a feed that is unkind. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { MOST_PREFIXES, OTHERS } from '../../functions/books/feeds.ts';
import { probePorts } from '../../functions/edge/feed.ts';
import type { Stores } from '../../functions/edge/stores.ts';
import { probeFeeds } from '../../functions/operations/feeds.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { type Content, sameState } from '../../functions/protocol/state.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { stepped } from '../operations/round_world.ts';
import { FeedWorld } from './feed_world.ts';
import { topicCases } from './topics.ts';

const skip = process.env.COUCHBASE_URL !== undefined && 'a cluster of your own takes no orders';

let it: FeedWorld;
before(async () => {
  if (!skip) it = await FeedWorld.start();
  if (!skip) await it.deploy();
});
afterEach(async () => {
  if (skip) return;
  await it.couchbase.calm();
  it.answers = null;
  await it.rest();
  [it.posts, it.phase] = [0, 'expand'];
  it.metrics.clear();
});
after(() => it?.stop());

const textOf = (content: Content) => (content === null ? null : Buffer.from(content.body).toString());
async function both(key: string) {
  const [held, row] = [await it.cluster.store.read(key), await it.database.store.read(key)];
  return { held, row, texts: [textOf(held.content), textOf(row.content)] };
}
/** By the API. */
const put = (phase: Phase, key: string, body: string | null) => it.put(phase, key, body);

test('a write past the API comes to Oracle, a deletion too, and which prefixes they have is noted', {
  skip,
}, async () => {
  const { collection } = it.cluster;
  await collection.upsert('order:1', { n: 1 });
  await collection.upsert('order:2', { n: 2 });
  await it.until(() => it.receipts.length === 2);
  assert.deepEqual(await it.rest(), ['foreign', 'foreign']);
  for (const key of ['order:1', 'order:2']) {
    const { held, row } = await both(key);
    assert.ok(sameState(held, row) && row.content !== null, key);
  }
  await collection.remove('order:1');
  await collection.upsert('order:2', { n: 3 });
  await it.until(() => it.metrics.get('ChangesCollapsed') === 2);
  assert.equal(it.receipts.length, 0, 'their receipts are still on their way');
  it.passed += 60_000;
  await collection.remove('order:2');
  await it.until(() => it.receipts.length === 1);
  assert.deepEqual(await it.rest(), ['foreign']);
  assert.deepEqual((await both('order:2')).texts, [null, null]);
  const [entry] = await it.feeds.foreign('documents');
  assert.deepEqual([entry?.prefix, entry?.phase, entry?.writes], ['order:', 'expand', 3]);
  assert.ok(Math.abs((entry?.last ?? 0) - Date.now()) < 60_000);
});

test('a write of our own costs one request and one statement, and no receipt; with the attribute it costs nothing', {
  skip,
}, async () => {
  // Longer than a write takes on a busy machine: before Oracle has it, nobody can tell it from one past the API.
  await it.couchbase.eventing({ lag: 500 });
  const before = (await it.handlers()).handled;
  for (let n = 0; n < 20; n++) await put('expand', `own-${n}`, `${n}`);
  await it.until(async () => (await it.handlers()).handled === before + 20);
  const counts = () => ['ChangesKnown', 'ChangesLookedAt'].map((name) => it.metrics.get(name) ?? 0);
  assert.deepEqual([it.posts, ...counts()], [20, 20, 0]);
  for (let n = 0; n < 20; n++) await put('settle', `own-${n}`, `${n}!`);
  await it.until(async () => (await it.handlers()).handled === before + 40);
  assert.deepEqual([it.posts, ...counts()], [20, 20, 0], 'the function itself has left them out');
  // A deletion leaves a mark, which is left out, and which its receipt removes: that is known.
  it.phase = 'settle';
  for (let n = 0; n < 5; n++) {
    await put('settle', `own-${n}`, null);
    await it.cluster.store.erase(`own-${n}`, { cas: (await it.cluster.store.read(`own-${n}`)).cas });
  }
  await it.until(async () => (await it.handlers()).waiting === 0 && it.posts === 25);
  await it.until(() => counts()[0] === 25);
  assert.deepEqual(counts(), [25, 0]);
});

test('where no attributes are given, the writes of settle are looked at, and told to be our own', {
  skip,
}, async () => {
  it.phase = 'settle';
  await it.couchbase.eventing({ attributes: false });
  await put('settle', 'older', '1');
  await it.until(() => it.receipts.length === 1);
  assert.deepEqual(await it.rest(), ['none']);
});

test('in settle a write past the API is set aside at once; a metadata writer starts no chain of repairs', {
  skip,
}, async () => {
  it.phase = 'settle';
  await put('settle', 'late', '"ours"');
  await it.cluster.collection.upsert('late', 'theirs');
  await it.until(() => it.receipts.length === 1);
  assert.deepEqual(await it.rest(), ['foreign']);
  assert.deepEqual((await both('late')).texts, ['"ours"', '"ours"']);
  await it.couchbase.hand({ deed: { kind: 'metadata', attribute: '_sync' }, prefix: 'touched', times: null });
  await put('settle', 'touched', '"ours"');
  await it.until(() => it.receipts.length === 1);
  await it.couchbase.handed();
  assert.deepEqual(await it.rest(), ['touch']);
  assert.equal(await it.couchbase.handed(), 0, 'nothing was written that it could answer');
});

test('changes that come twice, late, in another order and of what is gone bring nothing back', {
  skip,
}, async () => {
  const { collection } = it.cluster;
  await it.couchbase.eventing({ stopped: true });
  for (let n = 0; n < 5; n++) {
    await collection.upsert(`gone-${n}`, 'theirs');
    await put('expand', `gone-${n}`, '"ours"');
    await put('expand', `gone-${n}`, null);
  }
  await it.couchbase.eventing({ repeats: 3 });
  await it.until(() => it.posts === 15);
  await it.rest();
  for (let n = 0; n < 5; n++) assert.deepEqual((await both(`gone-${n}`)).texts, [null, null]);
});

test('a flood of one key, and of many, is taken, with a receipt for each key', { skip }, async () => {
  const { collection } = it.cluster;
  await Promise.all(Array.from({ length: 50 }, (_, n) => collection.upsert('hot', n)));
  await Promise.all(Array.from({ length: 50 }, (_, n) => collection.upsert(`many-${n}`, n)));
  await it.until(async () => (await it.handlers()).waiting === 0 && it.receipts.length === 51);
  assert.equal(it.receipts.filter(({ key }) => key === 'hot').length, 1);
  await it.rest();
  const { texts } = await both('many-49');
  assert.deepEqual(texts, ['49', '49']);
});

test('a feed whose API refuses it tries three times, and says so in Couchbase', { skip }, async () => {
  it.answers = 503;
  const { failed } = await it.handlers();
  await it.cluster.collection.upsert('refused', 1);
  await it.until(async () => (await it.handlers()).failed === failed + 1);
  assert.equal(it.posts, 3);
  assert.match(
    (await it.handlers()).lastFailure ?? '',
    /CROSSFADE_CHANGE_NOT_SENT: the API has answered 503/,
  );
});

test('a probe comes back by the feed, once; a feed that is stopped is silent, and what it missed is not taken for quiet', {
  skip,
}, async () => {
  const FEED = { quiet: 1000, silent: 60_000 };
  const { feeds, cluster } = it;
  const keyspace = cluster.keyspace;
  const stores = { feedOf: () => FEED, feeds, of: () => ({ couchbase: cluster.store, keyspace }) };
  let now = Date.now();
  const ports = probePorts(stores as unknown as Stores, new Reach(() => true), () => now);
  let silent = 0;
  const warned: unknown[] = [];
  const round = (age: number) =>
    probeFeeds([stepped('documents', 'expand', 'arrived', age)], {
      ...{
        probes: ports,
        now: () => now,
        warn: (message: string, about: object) => warned.push([message, about]),
      },
      count: (_, value) => {
        silent = value;
      },
    });
  await round(1);
  assert.deepEqual(warned, []);
  await it.until(async () => ((await feeds.seen('documents'))?.seen ?? 0) > 0);
  const first = await feeds.seen('documents');
  assert.ok((first?.lag ?? -1) >= 0);
  // Nothing of it is left, and none of it was taken for a write past the API.
  assert.ok(it.receipts.every(({ key }) => !key.startsWith('crossfade-feed-probe/')));
  // What was never written, or is an earlier one, does not count.
  assert.equal(await feeds.cameBack('documents', 'crossfade-feed-probe/forged', now, 60_000), false);
  await it.couchbase.eventing({ stopped: true });
  now += 61_000;
  await round(10_000);
  assert.equal(silent, 1);
  const second = await feeds.seen('documents');
  assert.equal(second?.seen, first?.seen);
  await it.couchbase.eventing({});
  await it.until(async () => ((await feeds.seen('documents'))?.seen ?? 0) > (first?.seen ?? 0));
  const third = await feeds.seen('documents');
  assert.ok((third?.since ?? 0) > 0 && (third?.since ?? 0) >= (first?.since ?? 0));
});

test('a probe that comes twice counts once, and a clock that is behind makes none late', {
  skip,
}, async () => {
  const { feeds } = it;
  const key = 'crossfade-feed-probe/once';
  await feeds.probe('twice', key, 1_000_000);
  assert.equal(await feeds.cameBack('twice', key, 999_000, 60_000), true);
  assert.deepEqual(await feeds.seen('twice'), { probed: 1_000_000, seen: 1_000_000, since: 999_000, lag: 0 });
  assert.equal(await feeds.cameBack('twice', key, 1_500_000, 60_000), false);
  await feeds.probe('twice', `${key}-more`, 1_060_000);
  assert.equal(await feeds.cameBack('twice', key, 1_500_000, 60_000), false);
  assert.equal(await feeds.cameBack('twice', `${key}-more`, 1_060_500, 60_500), true);
  assert.deepEqual(await feeds.seen('twice'), {
    probed: 1_060_000,
    seen: 1_060_500,
    since: 999_000,
    lag: 500,
  });
});

test('prefixes have a bound, and counts are added up', { skip }, async () => {
  const note = (prefix: string, at: number) =>
    it.feeds.noteForeign({ collection: 'bounded', phase: 'seal', prefix, writes: 2 }, at);
  for (let n = 0; n < MOST_PREFIXES + 2; n++) await note(`p${n}:`, n);
  await note('p0:', 1000);
  await note('p0:', 5);
  const all = await it.feeds.foreign('bounded');
  assert.equal(all.length, MOST_PREFIXES + 1);
  assert.deepEqual(all[0], { phase: 'seal', prefix: 'p0:', writes: 6, last: 1000 });
  assert.equal(all.find(({ prefix }) => prefix === OTHERS)?.writes, 4);
});

// The last ones: they undeploy the function.
topicCases(() => it, skip);
