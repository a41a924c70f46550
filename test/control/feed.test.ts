/** The gate of a change feed: a feed that is at work, and that tells of no write past the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FeedEvidence, feedConditions } from '../../functions/control/feed.ts';
import { itinerary } from '../../functions/control/itinerary.ts';
import { feedLines } from '../../infra/console/told/feed.ts';
import { all, decided, OLD, TIMES } from './given.ts';

const { now } = TIMES;
/** One that has been at work for long enough, as told a minute ago. */
const feed = (given: Partial<FeedEvidence> = {}): FeedEvidence => ({
  ...{ quiet: 300_000, silent: 100_000, foreign: [] },
  seen: { probed: now - 61_000, seen: now - 60_000, since: now - 400_000, lag: 1000 },
  ...given,
});
const foreign = (last: number, phase: 'expand' | 'seal' = 'expand') => ({
  phase,
  prefix: 'order:',
  writes: 3,
  last,
});

const judged = (given: FeedEvidence | undefined, at = now) => {
  const [condition] = feedConditions(given, at);
  return condition && ([condition.holds, condition.measured] as const);
};

test('without a feed there is no such gate', () => {
  assert.deepEqual(feedConditions(undefined, now), []);
});

test('silence alone opens nothing: a probe must have come back, and not too long ago', () => {
  const seen = { probed: now, seen: 0, since: 0, lag: 0 };
  assert.match(judged(feed({ seen: null }))?.[1] ?? '', /^FEED_SILENT: no probe has come back yet\./);
  assert.match(judged(feed({ seen }))?.[1] ?? '', /^FEED_SILENT: no probe has come back yet\./);
  for (const given of [feed({ seen: null }), feed({ seen })]) assert.equal(judged(given)?.[0], false);
  assert.equal(judged(feed())?.[0], true);
  assert.equal(judged(feed(), now + 40_000)?.[0], true);
  const [holds, measured] = judged(feed(), now + 40_001) ?? [];
  assert.equal(holds, false);
  assert.match(
    measured ?? '',
    /FEED_SILENT: no probe has come back since 1970-01-01T00:15:40\.000Z\. Deploy/,
  );
});

test('a feed by a topic says what to do about the topic, and status names it', () => {
  const kafka = { topic: 'order-changes' };
  assert.match(
    judged(feed({ seen: null, kafka }))?.[1] ?? '',
    /yet\. Start the connector of npx crossfade connector, .* into the topic order-changes,/,
  );
  assert.match(
    feedLines(feed({ kafka }), 'expand', now)[0] ?? '',
    /^ {2}feed {5}topic order-changes: at work/,
  );
});

test('nobody may have written past the API for so long, nor the feed have been silent meanwhile', () => {
  assert.equal(judged(feed({ foreign: [foreign(now - 300_000)] }))?.[0], true);
  const [holds, measured] = judged(feed({ foreign: [foreign(OLD), foreign(now - 299_999)] })) ?? [];
  assert.equal(holds, false);
  assert.match(measured ?? '', /^the last write past the API was found at .*; 300 s without one are needed/);
  const seen = { probed: now - 61_000, seen: now - 60_000, since: now - 299_999, lag: 1000 };
  assert.equal(judged(feed({ seen }))?.[0], false, 'what was written while it was silent is not known');
});

test('it holds the move to seal, and no other', async () => {
  const given = { ...all('expand'), feed: feed({ seen: null }) };
  assert.deepEqual((await decided('expand', 'settle', given)).missing, ['change feed']);
  for (const [from, wanted] of [
    ['seal', 'settle'],
    ['settle', 'contract'],
    ['seal', 'legacy'],
  ] as const)
    assert.deepEqual((await decided(from, wanted, { ...all(from), feed: feed({ seen: null }) })).missing, []);
  assert.ok(itinerary('orders', 'legacy', 'seal', [], { feed: feed() })[1]?.awaits.includes('change feed'));
  assert.ok(!itinerary('orders', 'legacy', 'seal')[1]?.awaits.includes('change feed'));
});

test('status says whether the feed is at work, how many writes it has found, where, and which are late', () => {
  assert.deepEqual(feedLines(undefined, 'expand', now), []);
  assert.match(
    feedLines(feed(), 'expand', now).join('\n'),
    /at work since .*, 1000 ms late; nobody has written past the API$/,
  );
  const told = feedLines(feed({ foreign: [foreign(now, 'seal'), foreign(OLD)] }), 'seal', now).join('\n');
  assert.match(told, /about 6 writes past the API, the last one found/);
  assert.match(told, /order: {2}3 in seal, the last one .* \(LATE: see the alarm ForeignConflicts\)/);
  assert.match(
    feedLines(feed({ seen: null }), 'expand', now)[0] ?? '',
    /FEED_SILENT: no probe has come back yet/,
  );
  assert.match(
    feedLines(feed(), 'settle', now + 50_000)[0] ?? '',
    /FEED_SILENT: no probe has come back since/,
  );
  const many = Array.from({ length: 8 }, () => foreign(now));
  assert.equal(feedLines(feed({ foreign: many }), 'expand', now).at(-1), '    and 3 more: --json lists them');
  // No probe is sent there, so none that is missing means anything.
  for (const phase of ['legacy', 'contract'] as const) {
    const [line = ''] = feedLines(feed({ foreign: many }), phase, now + 50_000);
    assert.match(line, new RegExp(`^  feed {5}not probed in ${phase}, .*; about 24 writes past the API`));
  }
});
