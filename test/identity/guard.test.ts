/** Nothing is repaired behind another store than the one that a collection was migrated with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GuardPorts, IdentityGuard } from '../../functions/identity/guard.ts';
import type { StoreName } from '../../functions/protocol/phase.ts';
import type { Marks } from '../../functions/records/marks.ts';
import { rowOf } from '../../functions/records/marks.ts';

const AWAY = new Error('away');

/** Two collections in one bucket and one database. */
class World implements GuardPorts {
  readonly marks: Record<StoreName, Marks | null> = {
    couchbase: { bucket: 'b1', cluster: 'c1' },
    oracle: { name: 'SALES', dbid: '7', incarnation: '1 of 2024' },
  };
  readonly ledger = new Map<string, Marks>();
  readonly connections: Record<StoreName, number> = { couchbase: 1, oracle: 1 };
  readonly fresh = 60_000;
  looks = 0;
  time = 0;

  place(_collection: string, store: StoreName) {
    return store;
  }

  connection(store: StoreName) {
    return this.connections[store];
  }

  async look(_collection: string, store: StoreName) {
    this.looks++;
    const marks = this.marks[store];
    if (marks === null) throw AWAY;
    return marks;
  }

  async remembered() {
    return new Map(this.ledger);
  }

  async remember(collection: string, store: StoreName, marks: Marks, instead: Marks | 'any' | null) {
    const row = rowOf(collection, store);
    const known = this.ledger.get(row);
    const same = JSON.stringify(known) === JSON.stringify(instead);
    if (known === undefined || instead === 'any' || (instead !== null && same)) this.ledger.set(row, marks);
  }

  now() {
    return this.time;
  }
}

/** A world in which both stores of `orders` have been seen, a minute ago. */
async function migrated() {
  const world = new World();
  const guard = new IdentityGuard(world);
  await guard.require('orders', 'expand');
  world.time += 60_000;
  return { world, guard };
}
const refused = (pattern: RegExp) => ({ name: 'OperatorNeeded', message: pattern });

test('what is seen first is remembered, and goes on', async () => {
  const { world, guard } = await migrated();
  assert.deepEqual(world.ledger.get('couchbase orders'), { bucket: 'b1', cluster: 'c1' });
  assert.deepEqual(world.ledger.get('oracle orders')?.dbid, '7');
  await guard.require('orders', 'settle');
});

test('another cluster, another bucket and a database that was flashed back are refused until an operator accepts them', async () => {
  const others: readonly [StoreName, Marks, RegExp][] = [
    [
      'couchbase',
      { bucket: 'b2', cluster: 'c2' },
      /IDENTITY_CHANGED: Couchbase of orders .*\(bucket, cluster\)/,
    ],
    [
      'couchbase',
      { bucket: 'b2', cluster: 'c1' },
      /another one \(bucket\): it is bucket b2, .* and was bucket b1/,
    ],
    ['oracle', { name: 'SALES', dbid: '7', incarnation: '9 of 2026' }, /Oracle of orders .*\(incarnation\)/],
    ['oracle', { name: 'SALES', dbid: '8', incarnation: '1 of 2024' }, /Oracle of orders .*\(dbid\)/],
  ];
  for (const [store, marks, pattern] of others) {
    const { world, guard } = await migrated();
    const old = world.marks[store];
    world.marks[store] = marks;
    await assert.rejects(guard.require('orders', 'seal'), refused(pattern));
    await assert.rejects(guard.require('orders', 'seal'), /npx crossfade identity accept orders/);
    // The old one is back.
    world.marks[store] = old;
    world.time += 60_000;
    await guard.require('orders', 'seal');
    world.marks[store] = marks;
    const [before] = await guard.accept('orders', [store]);
    assert.match(before?.problem ?? '', pattern);
    await guard.require('orders', 'seal');
    assert.deepEqual(world.ledger.get(`${store} orders`), marks);
  }
});

test('a mark that becomes readable later, or is not readable any more beside others, is no other store', async () => {
  const { world, guard } = await migrated();
  world.marks.couchbase = { bucket: 'b1' };
  world.marks.oracle = { name: 'SALES' };
  await guard.require('orders', 'expand');
  world.marks.oracle = { name: 'SALES', dbid: '8' };
  world.time += 60_000;
  await assert.rejects(guard.require('orders', 'expand'), /IDENTITY_CHANGED/);
});

test('a store that has never told what it is blocks nothing, and what it tells later is remembered', async () => {
  const world = new World();
  const guard = new IdentityGuard(world);
  const { couchbase } = world.marks;
  for (const untold of [null, {}]) {
    world.marks.couchbase = untold;
    await guard.require('orders', 'expand');
    world.time += 60_000;
  }
  assert.equal(world.ledger.has('couchbase orders'), false);
  world.marks.couchbase = couchbase;
  await guard.require('orders', 'expand');
  assert.equal(world.ledger.has('couchbase orders'), true);
});

test('a store that does not tell any more what it is, or does not answer, is waited for', async () => {
  const { world, guard } = await migrated();
  world.marks.couchbase = null;
  await assert.rejects(guard.require('orders', 'expand'), AWAY);
  assert.deepEqual(
    (await guard.sights('orders', 'expand')).map(({ seen, problem }) => [seen === null, problem]),
    [
      [true, null],
      [false, null],
    ],
  );
  world.marks.couchbase = {};
  world.time += 60_000;
  await assert.rejects(guard.require('orders', 'expand'), refused(/IDENTITY_UNKNOWN: .* it was bucket b1/));
  await guard.accept('orders', ['couchbase']);
  await guard.require('orders', 'expand');
});

test('a store that does not answer can be accepted, and the next marks that it tells are its own', async () => {
  const { world, guard } = await migrated();
  world.marks.couchbase = null;
  const [before] = await guard.accept('orders', ['couchbase']);
  assert.equal(before?.seen, null);
  assert.deepEqual(world.ledger.get('couchbase orders'), {});
  world.marks.couchbase = { bucket: 'b2', cluster: 'c2' };
  world.time += 60_000;
  await guard.require('orders', 'expand');
  assert.deepEqual(world.ledger.get('couchbase orders'), world.marks.couchbase);
});

test('in legacy nothing is compared, and in contract Couchbase may be gone', async () => {
  const { world, guard } = await migrated();
  world.marks.couchbase = null;
  await guard.require('orders', 'contract');
  world.marks.oracle = null;
  world.connections.oracle++;
  await guard.require('orders', 'legacy');
  await assert.rejects(guard.require('orders', 'contract'), AWAY);
});

test('collections of one store share a look a minute, and a new connection is looked at at once', async () => {
  const world = new World();
  const guard = new IdentityGuard(world);
  for (let second = 0; second < 60; second++) {
    await Promise.all(['orders', 'carts', 'orders'].map((name) => guard.require(name, 'expand')));
    world.time += 1000;
  }
  assert.equal(world.looks, 2);
  await guard.require('orders', 'expand');
  assert.equal(world.looks, 4);
  world.connections.couchbase++;
  world.marks.couchbase = { bucket: 'b2' };
  await assert.rejects(guard.require('orders', 'expand'), /IDENTITY_CHANGED/);
  await assert.rejects(guard.require('carts', 'expand'), /IDENTITY_CHANGED: Couchbase of carts/);
  assert.equal(world.looks, 5);
});

const BROKEN = 'fell back from number 3';
const LOST = refused(
  /IDENTITY_CHANGED: Oracle of orders .*\(history\): .* may be missing\. Nothing is repaired.*identity accept orders/,
);

test('a loss of commits is compared with the ledger as it is after the loss was entered there', async () => {
  const world = new World();
  const look = world.look.bind(world);
  // As the heartbeat does it: a collection of which the ledger has lost everything gets the history before.
  world.look = async (collection, store) => {
    const marks = await look(collection, store);
    if (store !== 'oracle') return marks;
    world.ledger.set(rowOf('orders', 'oracle'), { history: 'unbroken' });
    return { ...marks, history: BROKEN };
  };
  await assert.rejects(new IdentityGuard(world).require('orders', 'expand'), LOST);
});

test('a ledger that was read before a store told other marks does not count', async () => {
  const world = new World();
  const guard = new IdentityGuard(world);
  await guard.require('orders', 'expand');
  world.time = 30_000;
  // What is learned of another collection drops the ledger, and not the looks.
  await guard.require('carts', 'expand');
  await guard.require('orders', 'expand');
  world.time = 60_000;
  // Another container has entered a loss.
  world.ledger.set(rowOf('orders', 'oracle'), { ...world.marks.oracle, history: 'unbroken' });
  world.marks.oracle = { ...world.marks.oracle, history: BROKEN };
  await assert.rejects(guard.require('orders', 'expand'), LOST);
});

test('where nobody can tell whether Oracle has lost commits, nothing goes on, and nothing is learned of it', async () => {
  const world = new World();
  world.marks.oracle = { name: 'SALES', history: 'not readable' };
  const unknown = refused(/IDENTITY_UNKNOWN: .* CROSSFADE_HEARTBEAT .* npx crossfade schema --grant-to USER/);
  await assert.rejects(new IdentityGuard(world).require('orders', 'expand'), unknown);
  assert.equal(world.ledger.has('oracle orders'), false);
  world.ledger.set(rowOf('orders', 'oracle'), world.marks.oracle);
  await assert.rejects(new IdentityGuard(world).require('orders', 'expand'), unknown);
  await new IdentityGuard(world).require('orders', 'legacy');
});
