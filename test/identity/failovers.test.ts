/** A failover is noticed by the histories that mutations tell of, and shuts the gates of collections whose writes it may have taken away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { failoverWatch } from '../../functions/identity/failovers.ts';
import type { Phase } from '../../functions/protocol/phase.ts';

const BAKE = 50_000;
const COLLECTIONS = ['plain', 'durable'];

/** What containers share: the ledger and the clock. */
class Shared {
  time = 1_000_000;
  isAway = false;
  phases: Record<string, Phase> = { plain: 'expand', durable: 'settle' };
  readonly ledger = new Map<number, string>();
  readonly noted: [string, number][] = [];
  readonly told: (readonly number[])[] = [];
  readonly failures: string[] = [];
  calls = 0;
  dies = false;

  container() {
    const watch = failoverWatch({
      buckets: new Map([['shop', { collections: COLLECTIONS, notDurable: ['plain'] }]]),
      phase: async (name) => this.phases[name] ?? 'legacy',
      known: async () => this.#asked(() => new Map(this.ledger)),
      remember: async (_, seen) =>
        this.#asked(() => {
          if (this.dies) throw new Error('the container was ended');
          for (const { id, uuid, before } of seen)
            if ((this.ledger.get(id) ?? null) === before) this.ledger.set(id, uuid);
        }),
      note: async (collection, until) => this.#asked(() => this.noted.push([collection, until])),
      told: (_, partitions) => this.told.push(partitions),
      failed: (bucket, error) => this.failures.push(`${bucket}: ${(error as Error).message}`),
      ...{ now: () => this.time, bake: BAKE },
    });
    const see = async (id: number, uuid: string) => {
      watch.see('shop', { id, uuid });
      for (let n = 0; n < 20; n++) await setImmediate();
    };
    return Object.assign(see, { rest: async () => void (await watch.rest()) });
  }

  #asked<A>(act: () => A): A {
    this.calls++;
    if (this.isAway) throw new Error('away');
    return act();
  }
}

test('what is seen for the first time is remembered, and what is known costs no call', async () => {
  const shared = new Shared();
  const see = shared.container();
  await see(1, 'a');
  assert.deepEqual([...shared.ledger], [[1, 'a']]);
  const { calls } = shared;
  for (let n = 0; n < 5; n++) await see(1, 'a');
  await see(2, 'b');
  assert.equal(shared.calls, calls, 'the second one waits for a bake');
  shared.time += BAKE;
  await see(3, 'c');
  assert.deepEqual([...shared.ledger.values()], ['a', 'b', 'c']);
  assert.deepEqual([shared.noted, shared.told], [[], []]);
});

test('after a failover the collection without durability needs a verification, once for all containers', async () => {
  const shared = new Shared();
  const [first, second] = [shared.container(), shared.container()];
  for (const see of [first, second]) await see(1, 'a');
  shared.time += 1000;
  await first(1, 'other');
  assert.deepEqual(shared.noted, [['plain', 1_002_000]], 'and changes of the next second with it');
  assert.deepEqual(shared.told, [[1]]);
  shared.time += 1000;
  await second(1, 'other');
  await shared.container()(1, 'other');
  await first(1, 'other');
  assert.deepEqual([shared.noted.length, shared.told.length], [1, 1]);
});

test('a container that was begun after the failover notices it too', async () => {
  const shared = new Shared();
  await shared.container()(7, 'a');
  await shared.container()(7, 'b');
  assert.deepEqual(shared.told, [[7]]);
});

test('what could not be noted is tried again, also by another container after a crash', async () => {
  const shared = new Shared();
  const see = shared.container();
  await see(1, 'a');
  shared.isAway = true;
  await see(1, 'b');
  shared.isAway = false;
  await see(1, 'b');
  assert.deepEqual([shared.told, shared.failures], [[], ['shop: away']], 'not at once');
  shared.time += 5000;
  shared.dies = true;
  await see(1, 'b');
  assert.equal(shared.ledger.get(1), 'a');
  shared.dies = false;
  await shared.container()(1, 'b');
  assert.equal(shared.ledger.get(1), 'b');
  assert.ok(shared.noted.length >= 1);
});

test('in legacy nothing is asked of Oracle', async () => {
  const shared = new Shared();
  shared.phases = {};
  const see = shared.container();
  await see(1, 'a');
  await see(1, 'b');
  assert.equal(shared.calls, 0);
  shared.phases = { plain: 'legacy', durable: 'settle' };
  await see(2, 'a');
  assert.equal(shared.calls, 0, 'what is new waits for a bake');
  await see(2, 'b');
  assert.deepEqual([shared.told, shared.noted], [[[2]], []], 'what has changed does not');
});

test('a change that could not be noted is tried again by the mutations of other partitions', async () => {
  const shared = new Shared();
  const see = shared.container();
  for (const id of [1, 2]) {
    await see(id, 'a');
    shared.time += BAKE;
  }
  shared.isAway = true;
  await see(1, 'b');
  shared.isAway = false;
  shared.time += 5000;
  await see(2, 'a');
  assert.deepEqual([shared.told, shared.noted.length], [[[1]], 1]);
});

test('what was seen long before another container has noted a failover is no failover', async () => {
  const shared = new Shared();
  const [first, second] = [shared.container(), shared.container()];
  for (const see of [first, second]) await see(1, 'a');
  await second(2, 'a');
  shared.time += BAKE;
  await first(2, 'a');
  shared.time += 5000;
  await first(2, 'b');
  assert.deepEqual(shared.told, [[2]]);
  shared.time += BAKE;
  await second(3, 'a');
  assert.deepEqual([shared.told, shared.ledger.get(2)], [[[2]], 'b']);
  await second(2, 'b');
  shared.time += 5000;
  await second(2, 'c');
  assert.deepEqual([shared.told, shared.ledger.get(2)], [[[2], [2]], 'c']);
});

test('partitions that change one after the other are noted once a second, all of them', async () => {
  const shared = new Shared();
  const see = shared.container();
  const all = Array.from({ length: 100 }, (_, id) => id);
  for (const id of all) await see(id, 'a');
  shared.time += BAKE;
  await see(0, 'a');
  await see(100, 'a');
  for (const id of all) {
    await see(id, 'b');
    shared.time += 50;
  }
  shared.time += 1000;
  await see(100, 'a');
  assert.deepEqual(new Set(shared.told.flat()), new Set(all));
  assert.ok(shared.noted.length <= 7, `${shared.noted.length} notes`);
});

test('a change that cannot be remembered is told and noted once, and remembered as soon as it can be', async () => {
  const shared = new Shared();
  const see = shared.container();
  await see(1, 'a');
  shared.dies = true;
  for (let second = 0; second < 60; second++) {
    await see(1, 'b');
    shared.time += 1000;
  }
  assert.deepEqual([shared.told, shared.noted.length], [[[1]], 1]);
  await see(1, 'c');
  shared.time += 5000;
  shared.dies = false;
  await see(1, 'c');
  assert.deepEqual([shared.told, shared.noted.length, shared.ledger.get(1)], [[[1], [1]], 2, 'c']);
});

test('once a verification has looked at all partitions, none is found changed later, and none of its looks waits for a bake', async () => {
  const shared = new Shared();
  const [client, worker] = [shared.container(), shared.container()];
  const all = Array.from({ length: 10 }, (_, id) => id);
  for (const id of all) await worker(id, 'a');
  await worker.rest();
  assert.equal(shared.ledger.size, 10);
  shared.time += BAKE;
  await client(0, 'b');
  shared.time += 10_000;
  for (const id of all) await worker(id, 'b');
  shared.time += 1000;
  await worker.rest();
  const { length } = shared.noted;
  const begun = shared.time + 1000;
  for (const id of all) {
    shared.time += BAKE;
    for (const see of [client, worker, shared.container()]) await see(id, 'b');
  }
  assert.equal(shared.noted.length, length);
  assert.ok(shared.noted.every(([, until]) => until <= begun));
});

test('a history that another container has overtaken without having seen it voids what began before it was seen, and nothing later', async () => {
  const shared = new Shared();
  const [early, late] = [shared.container(), shared.container()];
  await early(1, 'a');
  await early(2, 'a');
  const at = shared.time;
  shared.time += 5000;
  await late(2, 'b');
  assert.deepEqual([shared.ledger.get(2), shared.noted], ['b', []], 'its first sight');
  shared.time += 5000;
  await early.rest();
  assert.deepEqual([shared.noted, shared.told, shared.ledger.get(2)], [[['plain', at]], [], 'b']);
  await early.rest();
  assert.equal(shared.noted.length, 1);
});
