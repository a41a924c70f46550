import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treatmentsIn } from '../../functions/configuration/certification.ts';
import {
  BadConfiguration,
  bake,
  beat,
  lastCall,
  lastQuestion,
  lastsAfterLook,
  mappingOf,
  parseConfiguration,
  problemsOf,
  silence,
  subjectsOf,
} from '../../functions/configuration/configuration.ts';
import { BULK_LIMITS } from '../../functions/stores/load.ts';
import { collection, column, durable, good, timing } from './good.ts';

test('a good configuration is taken as it is', () => {
  const parsed = parseConfiguration(good, 'here');
  assert.deepEqual(parsed, good);
  assert.equal(bake(parsed.timing), 50_000);
});

test('writes are as durable as Couchbase makes them and are refused where they cannot be, unless it is said otherwise', () => {
  const { orders } = parseConfiguration({ ...good, collections: { orders: collection } }, 'here').collections;
  assert.deepEqual([orders?.durability, orders?.durabilityImpossible], ['majority', 'refuse']);
});

test('what Oracle can never take is refused, unless the collection says that it is accepted; anything else is a mistake', () => {
  const { orders } = parseConfiguration({ ...good, collections: { orders: collection } }, 'here').collections;
  assert.equal(orders?.unstorable, 'refuse');
  const [problem] = problemsOf({ ...good, collections: { orders: { ...collection, unstorable: 'keep' } } });
  assert.match(problem ?? '', /^collections\.orders\.unstorable: .*"refuse" \| "accept"/);
});

test('a collection has no change feed unless it is said; one waits for an hour, and is silent after five minutes, unless it says otherwise', () => {
  const feedOf = (feed?: unknown) =>
    parseConfiguration({ ...good, collections: { orders: { ...collection, feed } } }, 'here').collections
      .orders?.feed;
  assert.equal(feedOf(), null);
  assert.deepEqual(feedOf({}), { quiet: 3_600_000, silent: 300_000 });
  const [problem] = problemsOf({ ...good, collections: { orders: { ...collection, feed: { quiet: 1 } } } });
  assert.equal(problem, 'collections.orders.feed.quiet: it must be 1000 or more');
  assert.deepEqual(feedOf({ kafka: { topic: 'a' } })?.kafka, { topic: 'a', values: 'metadata' });
});

test('bulk work obeys all that Oracle tells of its load, unless it is said otherwise', () => {
  const { bulkLimits: _, ...rest } = good;
  assert.deepEqual(parseConfiguration(rest, 'here').bulkLimits, BULK_LIMITS);
  const { undo, temp } = parseConfiguration({ ...rest, bulkLimits: { undo: null } }, 'here').bulkLimits;
  assert.deepEqual([undo, temp], [null, BULK_LIMITS.temp]);
});

test('the first move of a collection wants a whole certificate, unless it is said otherwise', () => {
  const { certification: _, ...rest } = good;
  const shipped = { wanted: 'whole', scope: 'crossfade', collection: 'certify' };
  assert.deepEqual(parseConfiguration(rest, 'here').certification, shipped);
  assert.match(
    problemsOf({ ...good, certification: { wanted: false } })[0] ?? '',
    /^certification\.wanted: /,
  );
});

test('a certification writes into no documents of an app', () => {
  const { scope, collection: name } = collection.couchbase;
  assert.deepEqual(problemsOf({ ...good, certification: { scope, collection: name } }), [
    'certification: it would write into the documents of collections.orders: name a collection that holds nothing else',
  ]);
  assert.deepEqual(problemsOf({ ...good, certification: { scope } }), []);
});

test('collections that are treated alike need one certification, and another bucket or durability another one', () => {
  const [other, plain] = [{ bucket: 'b', scope: 'sales', collection: 'orders' }, collection.couchbase];
  const of = (couchbase: typeof plain, more = {}) => ({ ...collection, ...durable, couchbase, ...more });
  const all = {
    a: of(plain),
    b: of({ ...plain, collection: 'b' }),
    c: of(other),
    d: of(plain, { durability: 'none' }),
  };
  assert.deepEqual(
    treatmentsIn(all).map(({ bucket, durability }) => [bucket, durability]),
    [
      ['shop', 'persistToMajority'],
      ['b', 'persistToMajority'],
      ['shop', 'none'],
    ],
  );
});

test('a write waits for the store that follows between 100 and 500 ms, unless it is said otherwise', () => {
  const { followerTime: _, ...rest } = good;
  assert.deepEqual(parseConfiguration(rest, 'here').followerTime, { least: 100, most: 500 });
  assert.deepEqual(problemsOf({ ...good, followerTime: { least: 600 } }), [
    'followerTime: least must be most or less',
  ]);
});

test('how documents are written is no part of their mapping, so evidence of before goes on counting', () => {
  const { orders } = parseConfiguration(
    { ...good, collections: { orders: { ...collection, ...durable } } },
    'here',
  ).collections;
  assert.ok(orders !== undefined);
  // In this order: its text is what runs of the version before were stamped with.
  assert.equal(JSON.stringify(mappingOf(orders)), JSON.stringify(collection));
});

test('a last call leaves a durable write the time that its driver takes, however short calls are', () => {
  assert.deepEqual(
    [100, 1500, 3000].map((call) => lastCall({ ...timing, call })),
    [4000, 4000, 5500],
  );
});

test('a bad one says where, and how it should be', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [null, /here: the whole: .*Object/],
    [{ ...good, collections: {} }, /here: collections: there must be at least one collection/],
    [{ ...good, colections: {} }, /here: colections/],
    [{ ...good, collections: { Orders: collection } }, /collections\.Orders: its name must be small letters/],
    [
      { ...good, collections: { a: { ...collection, oracle: { table: 'orders' } } } },
      /collections\.a\.oracle: orders cannot be a table's name/,
    ],
    [
      {
        ...good,
        collections: { a: { ...collection, oracle: { table: 'T', columns: [{ ...column, path: 'a..b' }] } } },
      },
      /collections\.a\.oracle: The column TOTAL cannot be: its path "a\.\.b"/,
    ],
    [
      { ...good, collections: { a: { ...collection, durability: 'most' } } },
      /collections\.a\.durability: .*"majority"/,
    ],
    [
      { ...good, collections: { a: collection, b: collection } },
      /collections\.b: it has the Oracle table ORDERS, and so has a/,
    ],
    [
      { ...good, collections: { a: collection, b: { ...collection, oracle: { table: 'T' } } } },
      /collections\.b\.keys\.include\.0: KEYS_OVERLAP: .* both take every key of shop\.sales\.orders/,
    ],
    [
      { ...good, timing: { ...timing, refresh: 30_000 } },
      /timing\.refresh: it must be less than timing\.lease/,
    ],
    [{ ...good, timing: { ...timing, request: 7_000 } }, /timing\.request: it must be 8500 or more/],
    [{ ...good, timing: { ...timing, backfill: 21_000 } }, /timing\.backfill: it must be 22000 or more/],
    [{ ...good, timing: { ...timing, request: 30_000 } }, /timing\.request: it must be 29000 or less/],
    [{ ...good, timing: { ...timing, lease: 600_001 } }, /timing\.lease: it must be 600000 or less/],
    [{ ...good, bulkLimits: { redo: null } }, /bulkLimits\.redo: there is no such member/],
    [
      { ...good, bulkLimits: { undo: { slow: 50, pause: 60 } } },
      /bulkLimits\.undo\.resume: it is missing|bulkLimits\.undo\.resume/,
    ],
    [
      { ...good, bulkLimits: { undo: { slow: 61, pause: 60, resume: 60 } } },
      /bulkLimits\.undo: slow and resume must be pause or less/,
    ],
    [{ ...good, connections: 0 }, /connections: it must be 1 or more/],
    [{ ...good, connections: 1.5 }, /connections: it must be a whole number/],
  ];
  for (const [value, message] of cases)
    assert.throws(
      () => parseConfiguration(value, 'here'),
      (error) => error instanceof BadConfiguration && message.test(error.message),
      String(message),
    );
});

test('times that follow from the configured ones', () => {
  assert.equal(lastCall(timing), 5500);
  assert.equal(lastQuestion(timing), 6500);
  assert.equal(lastsAfterLook(timing), 14_500);
  assert.equal(beat(timing), 6000);
  // Two signs of life and the three last calls of a batch, in whole seconds, and two more.
  assert.equal(silence(timing), 25_000);
});

test('times may be just as short as they can be', () => {
  // Two calls of a request are whole seconds.
  const call = 3_250;
  const needed = lastCall({ ...timing, call });
  const tight = { ...timing, call, request: needed + call, backfill: 4 * needed };
  assert.deepEqual(parseConfiguration({ ...good, timing: tight }, 'here').timing, tight);
  for (const each of [
    { ...tight, request: tight.request - 1000 },
    { ...tight, backfill: tight.backfill - 1000 },
  ])
    assert.throws(() => parseConfiguration({ ...good, timing: each }, 'here'), BadConfiguration);
});

test('the longest bake that can be configured is no longer than a queue can delay a message', () => {
  const longest = (name: 'lease' | 'request') => {
    const value = { ...good, timing: { ...timing, [name]: 9_000_000 } };
    return Number(
      new RegExp(`timing\\.${name}: it must be (\\d+) or less`).exec(problemsOf(value).join())?.[1],
    );
  };
  const [lease, request] = [longest('lease'), longest('request')];
  assert.equal(
    parseConfiguration({ ...good, timing: { ...timing, lease, request } }, 'here').timing.lease,
    lease,
  );
  assert.ok(bake({ ...timing, lease, request }) <= 900_000, `${lease} and ${request}`);
});

test('a schema needs the tables of its collections, beside those of the runs', () => {
  const names = subjectsOf(parseConfiguration(good, 'here')).map(({ name }) => name);
  assert.ok(names.includes('ORDERS'), names.join());
  assert.ok(names.length > 2, names.join());
});

test('what is wrong is also a list, for those who show it elsewhere', () => {
  const error = new BadConfiguration('here', ['a: b', 'c: d']);
  assert.deepEqual(
    [error.name, error.message, error.problems],
    ['BadConfiguration', 'here: a: b\nhere: c: d', ['a: b', 'c: d']],
  );
});
