/** Names that must not change in the middle of a migration: a collection of another name would begin in `legacy`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastMoveIn, type Owner, renamed } from '../../functions/records/owner.ts';

const ORDERS: Owner = {
  ...{ table: 'ORDERS', collection: 'orders', parameters: '/crossfade' },
  keyspace: 'shop._default.orders',
};
const CARTS: Owner = { ...ORDERS, table: 'CARTS', collection: 'carts', keyspace: 'shop._default.carts' };
const OTHER: Owner = { ...ORDERS, table: 'OTHER', collection: 'other', keyspace: 'shop._default.other' };

/** The codes of what is refused, where `orders` is in this phase and `carts` has never left `legacy`. */
const codes = (configured: readonly Owner[], phase: string, retired = false, recorded = [ORDERS, CARTS]) =>
  renamed(configured, recorded, (name) => (name === 'orders' ? { phase, retired } : null)).map(
    (text) => text.split(':')[0],
  );

const BEYOND = ['seal', 'switch', 'settle', 'contract'];
const LEFT = ['expand', ...BEYOND];

test('the same names, a collection more, and one less that has never left legacy are taken in every phase', () => {
  for (const phase of LEFT) {
    assert.deepEqual(codes([ORDERS, CARTS], phase), []);
    assert.deepEqual(codes([OTHER, ORDERS, CARTS], phase), []);
    assert.deepEqual(codes([ORDERS], phase), []);
    assert.deepEqual(codes([ORDERS, { ...CARTS, collection: 'baskets' }], phase), []);
  }
});

test('a collection that has left legacy is not renamed: neither itself, nor its parameters, nor all but what it was copied from', () => {
  const changes: readonly Partial<Owner>[] = [
    { collection: 'purchases' },
    { parameters: '/other' },
    { collection: 'purchases', parameters: '/other' },
    { collection: 'purchases', table: 'PURCHASES' },
    { collection: 'purchases', keyspace: 'shop._default.purchases' },
  ];
  for (const phase of LEFT)
    for (const change of changes)
      assert.deepEqual(codes([{ ...ORDERS, ...change }, CARTS], phase), ['COLLECTION_RENAMED'], phase);
  assert.deepEqual(codes([{ ...ORDERS, collection: 'purchases' }, CARTS], 'contract', true), [
    'COLLECTION_RENAMED',
  ]);
  for (const change of changes) assert.deepEqual(codes([{ ...ORDERS, ...change }, CARTS], 'legacy'), []);
});

test('it gets no other table either', () => {
  for (const phase of LEFT)
    assert.deepEqual(codes([{ ...ORDERS, table: 'NEW' }, CARTS], phase), ['COLLECTION_MOVED']);
});

test('nor other documents of Couchbase under the same name: repairs would take them for those of its table', () => {
  const repointed = [{ ...ORDERS, keyspace: 'shop2._default.orders' }, CARTS];
  for (const phase of LEFT) assert.deepEqual(codes(repointed, phase), ['COLLECTION_REPOINTED'], phase);
  assert.deepEqual(codes(repointed, 'legacy'), []);
  // Couchbase is not asked any more.
  assert.deepEqual(codes(repointed, 'contract', true), []);
  const [text = ''] = renamed(repointed, [ORDERS], () => ({ phase: 'seal', retired: false }));
  assert.match(text, /orders .* is in seal .*shop\._default\.orders.* shop2\._default\.orders/);
  assert.match(text, /npx crossfade set legacy --collection orders/);
});

test('it does not vanish while Oracle decides or may decide; it may before, and once it is retired', () => {
  for (const phase of BEYOND) assert.deepEqual(codes([CARTS], phase), ['COLLECTION_VANISHED']);
  for (const phase of ['legacy', 'expand']) assert.deepEqual(codes([CARTS], phase), []);
  assert.deepEqual(codes([CARTS], 'contract', true), []);
});

test('what another deployment has in the same database is its own', () => {
  const theirs = { ...OTHER, collection: 'orders', parameters: '/crossfade2' };
  assert.deepEqual(codes([CARTS], 'settle', false, [theirs, CARTS]), []);
});

test('it says what is wrong, and the way out', () => {
  const [text = ''] = renamed([{ ...ORDERS, collection: 'purchases' }], [ORDERS], () => ({
    phase: 'settle',
    retired: false,
  }));
  assert.match(text, /orders \(table ORDERS, parameters \/crossfade\) is in settle/);
  assert.match(text, /calls it purchases/);
  assert.match(text, /npx crossfade set legacy --collection orders/);
  assert.match(text, /DELETE FROM CROSSFADE_TABLES WHERE table_name = 'ORDERS'/);
});

test('a move is told from other actions by its action', () => {
  assert.deepEqual(lastMoveIn('a-b: phase seal to switch'), { phase: 'switch', retired: false });
  assert.deepEqual(lastMoveIn('orders: phase contract to contract'), { phase: 'contract', retired: true });
  assert.equal(lastMoveIn('orders: redrive'), null);
  assert.equal(lastMoveIn(''), null);
});
