/** Probes: a change feed shows that it is at work by what it brings back. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type ProbePorts, probeFeeds } from '../../functions/operations/feeds.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { FeedSeen } from '../../functions/records/feed.ts';
import { stepped } from './round_world.ts';

const FEED = { quiet: 1000, silent: 300_000 };
let did: string[];
let warned: string[];
let silent: number;
let seen: FeedSeen | null;
let now: number;
beforeEach(() => {
  [did, warned, silent, seen, now] = [[], [], -1, null, 10_000_000];
});

const round = async (phase: Phase, over: Partial<ProbePorts> = {}, age = 10_000) => {
  did = [];
  await probeFeeds([stepped('orders', phase, 'arrived', age)], {
    probes: {
      ...{ feedOf: () => FEED, seen: async () => seen, newKey: () => `k${now}` },
      note: async (_, key, at) => {
        did.push(`note ${key}${at === 0 ? ' never' : ''}`);
        seen = { ...(seen ?? { seen: 0, since: 0, lag: 0 }), probed: at };
      },
      write: async (_, key) => void did.push(`write ${key}`),
      ...over,
    },
    now: () => now,
    count: (metric, value) => {
      assert.equal(metric, 'FeedsSilent');
      silent = value;
    },
    warn: (message) => void warned.push(message),
  });
};
const cameBack = () => {
  seen = { probed: 0, since: 1, ...seen, seen: now, lag: 5 };
};

test('each look writes a probe, which is noted before it is written', async () => {
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const) {
    await round(phase);
    assert.deepEqual(did, [`note k${now}`, `write k${now}`]);
    cameBack();
    now += 60_000;
  }
  assert.equal(silent, 0);
});

test('one that is late is waited for, until the feed counts as silent; then another one is tried', async () => {
  await round('expand');
  cameBack();
  now += 60_000;
  await round('expand');
  assert.equal(did.length, 2);
  for (let minutes = 0; minutes < 4; minutes++) {
    now += 60_000;
    await round('expand');
    assert.deepEqual([did, silent], [[], 0], `${minutes}`);
  }
  now += 60_000;
  await round('expand');
  assert.deepEqual([did.length, silent], [2, 1]);
  assert.match(warned.join(), /^FEED_SILENT: /);
  cameBack();
  await round('expand');
  assert.equal(silent, 0);
});

test('where nothing is probed no feed is silent: in legacy and contract, without a feed, and for a while after a move', async () => {
  for (const phase of ['legacy', 'contract'] as const) await round(phase);
  await round('expand', { feedOf: () => null });
  assert.deepEqual([did, silent], [[], 0]);
  await round('expand', {}, 299);
  assert.deepEqual([did.length, silent], [2, 0], 'its first probe is under way');
});

test('a store that is away is no silence', async () => {
  await round('expand', { seen: () => Promise.reject(new Error('away')) });
  await round('expand', { write: () => Promise.reject(new Error('away')) }, 299);
  assert.deepEqual([silent, did], [0, [`note k${now}`, `note k${now} never`]]);
  assert.equal(warned.length, 2);
  // The next look waits for none that may never have been there.
  now += 60_000;
  await round('expand', {}, 299);
  assert.deepEqual(did, [`note k${now}`, `write k${now}`]);
});
