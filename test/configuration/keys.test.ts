/** Which keys collections take, and what is wrong with their patterns beside one another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappingOf, parseConfiguration, problemsOf } from '../../functions/configuration/configuration.ts';
import { ownersOf } from '../../functions/edge/owners.ts';
import { renamed } from '../../functions/records/owner.ts';
import { collection, good } from './good.ts';

const USUAL = { include: ['*'], ignore: ['_sync:*', '_txn:*'] };
const table = (name: string) => ({ table: name });
const over = (all: Readonly<Record<string, object>>) => ({
  ...good,
  collections: Object.fromEntries(
    Object.entries(all).map(([name, more]) => [
      name,
      { ...collection, oracle: table(name.toUpperCase()), ...more },
    ]),
  ),
});
const taking = (...include: string[]) => ({ keys: { include } });

test('a collection takes every key but those of Sync Gateway and of transactions, unless it is said otherwise', () => {
  const keysOf = (keys?: unknown) =>
    parseConfiguration({ ...good, collections: { orders: { ...collection, keys } } }, 'here').collections
      .orders?.keys;
  assert.deepEqual([keysOf(), keysOf({})], [USUAL, USUAL]);
  assert.deepEqual(keysOf({ ignore: [] }), { include: ['*'], ignore: [] });
  assert.deepEqual(keysOf({ include: ['order::*'] }), { ...USUAL, include: ['order::*'] });
});

test('several collections lie over the same documents where no key is taken twice', () => {
  assert.deepEqual(
    problemsOf(over({ a: taking('order::*', 'o2::*'), b: taking('cart::*'), c: taking('c2') })),
    [],
  );
  for (const [all, problem] of [
    [
      { a: taking('x::*', 'order::*'), b: taking('*::7') },
      'collections.b.keys.include.0: KEYS_OVERLAP: "*::7" and "x::*" (collections.a.keys.include.0) both take "x::7" of shop.sales.orders: ' +
        'a document must have one collection, so give each patterns of its own',
    ],
    [
      { a: {}, b: {} },
      'collections.b.keys.include.0: KEYS_OVERLAP: "*" and "*" (collections.a.keys.include.0) both take every key of shop.sales.orders: ' +
        'a document must have one collection, so give each patterns of its own',
    ],
  ] as const)
    assert.deepEqual(problemsOf(over(all)), [problem]);
  const elsewhere = { couchbase: { ...collection.couchbase, collection: 'carts' } };
  assert.deepEqual(problemsOf(over({ a: {}, b: elsewhere })), []);
});

test('a pattern that can take no key, or is none, is a mistake', () => {
  for (const [keys, problem] of [
    [
      { include: ['_sync:rev:*'] },
      /^collections\.a\.keys\.include\.0: KEYS_IGNORED: .*"_sync:rev:\*" takes no key.*"_sync:\*"/,
    ],
    [{ include: [] }, /^collections\.a\.keys\.include: there must be 1 or more/],
    [{ include: ['order::?'] }, /^collections\.a\.keys\.include\.0: a \? is no wildcard here/],
    [{ ignore: [''] }, /^collections\.a\.keys\.ignore\.0: it must not be empty/],
    [{ exclude: ['x'] }, /^collections\.a\.keys\.exclude: there is no such member/],
    [{ include: Array.from({ length: 101 }, (_, n) => `k${n}`) }, /there must be 100 or fewer/],
    [{ include: ['*'.repeat(501)] }, /500 characters or fewer/],
  ] as const) {
    const [first, ...rest] = problemsOf(over({ a: { keys } }));
    assert.match(first ?? '', problem);
    assert.deepEqual(rest, []);
  }
});

test('collections over the same documents may share a topic, which others may not', () => {
  const fed = (more: object = {}) => ({ feed: { kafka: { topic: 't', ...more } } });
  const [orders, carts] = [taking('order::*'), taking('cart::*')];
  assert.deepEqual(problemsOf(over({ a: { ...orders, ...fed() }, b: { ...carts, ...fed() } })), []);
  assert.deepEqual(
    problemsOf(over({ a: { ...orders, ...fed() }, b: { ...carts, ...fed({ values: 'none' }) } })),
    ['collections.b.feed.kafka: it has the topic t, and so has a: say the same for values in both'],
  );
});

test('runs of before are of the same documents where nothing is said of keys, and of others where something is', () => {
  const mapped = (keys?: unknown) => {
    const { orders } = parseConfiguration(
      { ...good, collections: { orders: { ...collection, keys } } },
      'here',
    ).collections;
    assert.ok(orders !== undefined);
    return JSON.stringify(mappingOf(orders));
  };
  assert.equal(mapped(), JSON.stringify(collection));
  assert.equal(mapped(USUAL), mapped());
  assert.equal(new Set([mapped(), mapped({ ignore: [] }), mapped({ include: ['order::*'] })]).size, 3);
});

test('a deployment that changes the keys of a collection in the middle of its migration is refused, and says what would become of them', () => {
  const owners = (keys?: unknown) =>
    ownersOf(parseConfiguration({ ...good, collections: { orders: { ...collection, keys } } }, 'here'), '/c');
  const [before, narrow, many] = [
    owners(),
    owners({ include: ['order::*'] }),
    owners({ include: Array.from({ length: 60 }, (_, n) => `a-long-prefix-${n}::*`) }),
  ];
  assert.equal(before[0]?.keyspace, 'shop.sales.orders');
  assert.equal(narrow[0]?.keyspace, 'shop.sales.orders, keys order::* without _sync:* _txn:*');
  assert.ok(Buffer.byteLength(many[0]?.keyspace ?? '') < 200);
  const inPhase = (phase: string) => () => ({ phase, retired: false });
  const [problem] = renamed(narrow, before, inPhase('expand'));
  assert.match(
    problem ?? '',
    /^KEYS_CHANGED: orders \(.*\) is in expand with all keys of shop\.sales\.orders .* gives it the keys order::\* without .*take it to legacy first/,
  );
  assert.match(renamed(before, narrow, inPhase('settle'))[0] ?? '', /^KEYS_CHANGED: /);
  // Whoever upgrades, and has keys of its own that begin so, copies and verifies all of them anew.
  const all = owners({ ignore: [] });
  assert.deepEqual(renamed(all, before, inPhase('expand')), []);
  assert.match(renamed(all, before, inPhase('seal'))[0] ?? '', /^KEYS_CHANGED: /);
  assert.deepEqual(
    [renamed(narrow, before, inPhase('legacy')), renamed(narrow, narrow, inPhase('seal'))],
    [[], []],
  );
});
