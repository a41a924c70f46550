import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { OldCopyRead, PhaseCache, PhaseUnknown } from '../../functions/phases/phase_cache.ts';
import type { StoredPhase } from '../../functions/phases/stored_phase.ts';
import type { Phase } from '../../functions/protocol/phase.ts';

const AGES = { refresh: 5_000, lease: 30_000, retry: 1_000, settling: 20_000 };

let time: { wall: number; steady: number };
let stored: StoredPhase;
let other: StoredPhase | null;
let away: boolean;
let readings: number;
let failures: string[];
/** Those of them that are old copies, and need no operator. */
let oldCopies: number;
let cache: PhaseCache;

const spelt = (phase: Phase) => JSON.stringify({ phase, since: 1, by: 'test' });
const pass = (milliseconds: number) => {
  time = { wall: time.wall + milliseconds, steady: time.steady + milliseconds };
};
const phase = async (of = 'orders') => (await cache.current(of)).phase;
const both = () =>
  new Map([
    ['orders', stored],
    ['carts', other],
  ]);

beforeEach(() => {
  time = { wall: 1_000_000, steady: 50 };
  stored = { value: spelt('legacy'), version: 1, changed: 0 };
  other = { value: spelt('settle'), version: 5, changed: 0 };
  [away, readings, failures, oldCopies] = [false, 0, [], 0];
  cache = new PhaseCache(
    async () => {
      readings++;
      if (away) throw new Error('throttled');
      return both();
    },
    { wall: () => time.wall, steady: () => time.steady },
    AGES,
    (error) => {
      failures.push(String(error));
      if (error instanceof OldCopyRead) oldCopies++;
    },
  );
});

test('a phase is read once, and again only from its refresh age on', async () => {
  assert.equal(await phase(), 'legacy');
  stored = { value: spelt('expand'), version: 2, changed: 0 };
  pass(AGES.refresh);
  assert.equal(await phase(), 'legacy');
  pass(1);
  assert.equal(await phase(), 'expand');
  assert.equal(readings, 2);
});

test('callers that come together wait for one reading', async () => {
  assert.deepEqual(await Promise.all([phase(), phase(), phase()]), ['legacy', 'legacy', 'legacy']);
  assert.equal(readings, 1);
});

test('while it cannot be read, the last phase is obeyed for its lease and not a moment longer', async () => {
  await phase();
  away = true;
  pass(AGES.lease);
  assert.equal(await phase(), 'legacy');
  pass(1);
  await assert.rejects(
    phase(),
    (error) =>
      error instanceof PhaseUnknown &&
      error.name === 'PhaseUnknown' &&
      /30000 ms.*throttled/.test(error.message),
  );
  away = false;
  pass(AGES.retry);
  assert.equal(await phase(), 'legacy');
});

test('a reading that failed is not repeated at once, so a throttled service is not asked more', async () => {
  await phase();
  away = true;
  pass(AGES.refresh + 1);
  for (let n = 0; n < 10; n++) await phase();
  assert.deepEqual([readings, failures.length], [2, 1]);
  pass(AGES.retry);
  await phase();
  assert.equal(readings, 2);
  pass(1);
  await phase();
  assert.equal(readings, 3);
});

test('the lease begins when the question is sent, not when the answer comes', async () => {
  let answer = () => {};
  const slow = new PhaseCache(
    () =>
      new Promise((resolve) => {
        answer = () => resolve(both());
      }),
    { wall: () => time.wall, steady: () => time.steady },
    AGES,
    () => {},
  );
  const asked = slow.current('orders');
  pass(AGES.lease + 1);
  answer();
  await assert.rejects(asked, PhaseUnknown);
});

test('a sandbox that was frozen knows by the wall clock that its lease is over', async () => {
  await phase();
  away = true;
  time = { ...time, wall: time.wall + AGES.lease + 1 };
  await assert.rejects(phase(), PhaseUnknown);
});

test('a wall clock that was set back lets nobody obey for longer', async () => {
  await phase();
  away = true;
  time = { wall: time.wall - 60_000, steady: time.steady + 10 };
  await assert.rejects(phase(), PhaseUnknown);
});

test('an older version than the one that was seen is not obeyed', async () => {
  stored = { value: spelt('seal'), version: 7, changed: 0 };
  assert.equal(await phase(), 'seal');
  stored = { value: spelt('expand'), version: 6, changed: 0 };
  pass(AGES.refresh + 1);
  assert.equal(await phase(), 'seal');
  assert.match(failures[0] ?? '', /version 6, and 7 was seen before/);
});

test('an older version is an old copy for as long as a change settles, and then a parameter that was made anew', async () => {
  stored = { value: spelt('seal'), version: 7, changed: 0 };
  await phase();
  stored = { value: spelt('legacy'), version: 1, changed: 0 };
  for (const [after, wanted, message] of [
    [AGES.settling, 1, /OldCopyRead: .*SSM has answered with an old copy, and version 7 stays in force/],
    [AGES.retry + 1, 1, /^Error: .*was deleted and made anew\. Make sure.* replace the containers/],
  ] as const) {
    pass(after);
    assert.equal(await phase(), 'seal');
    assert.equal(oldCopies, wanted);
    assert.match(failures.at(-1) ?? '', message);
  }
  // The lease is not made longer by a copy that is not obeyed.
  pass(AGES.lease - AGES.settling - AGES.retry);
  await assert.rejects(phase(), PhaseUnknown);
});

test('a value that cannot be obeyed changes nothing, and then stops everything', async () => {
  await phase();
  for (const value of [
    '',
    'expand',
    '{"phase":"EXPAND","since":1,"by":"x"}',
    '{"phase":"expand"}',
    'null',
    '[]',
  ]) {
    stored = { value, version: stored.version + 1, changed: 0 };
    pass(AGES.refresh + 1);
    assert.equal(await phase(), 'legacy');
    assert.match(failures.at(-1) ?? '', /cannot be obeyed.*put back its last value/);
    stored = { value: spelt('legacy'), version: stored.version + 1, changed: 0 };
    pass(AGES.refresh + 1);
    await phase();
  }
  stored = { value: 'broken', version: stored.version + 1, changed: 0 };
  pass(AGES.lease + 1);
  await assert.rejects(phase(), PhaseUnknown);
});

test('each collection has its own phase, and one reading is for all of them', async () => {
  assert.deepEqual(await Promise.all([phase(), phase('carts')]), ['legacy', 'settle']);
  assert.equal(readings, 1);
});

test('a collection whose phase cannot be obeyed stops no other', async () => {
  for (const broken of [
    null,
    { value: 'broken', version: 6, changed: 0 },
    { value: spelt('legacy'), version: 4, changed: 0 },
  ]) {
    other = { value: spelt('settle'), version: 5, changed: 0 };
    pass(AGES.lease + 1);
    assert.equal(await phase('carts'), 'settle');
    other = broken;
    pass(AGES.lease + 1);
    assert.equal(await phase(), 'legacy');
    await assert.rejects(phase('carts'), /The phase of carts could not be read.*(deploy|obeyed|seen before)/);
    assert.equal(await phase(), 'legacy');
  }
  await assert.rejects(phase('other'), PhaseUnknown);
});
