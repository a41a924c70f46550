/** All messages of one invocation: what bulk looks settle, and that everything else goes its own way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metric } from '../../functions/reconciliation/receipt_worker.ts';
import { OperatorNeeded, StoreUnavailable } from '../../functions/stores/failure.ts';
import { document } from '../stores/contract/subject.ts';
import { keys, World, written } from './batch_world.ts';

const TARGET = { store: 'oracle', operation: 'read', collection: 'orders', key: 'k' } as const;

test('a thousand receipts that find both stores equal cost four looks at each store', async () => {
  const world = new World();
  const all = keys(1000);
  await world.fill(all);
  assert.deepEqual(await world.work(written(all)), []);
  const sizes = [256, 256, 256, 232];
  assert.deepEqual(
    world.reads.toSorted(),
    ['couchbase', 'oracle'].flatMap((store) => sizes.map((n) => `${store} ${n} keys`)).toSorted(),
  );
  assert.deepEqual(world.did, []);
  assert.equal(world.metrics.filter((name) => name === 'ReceiptsSettled').length, 1000);
});

test('what a change feed has led to is looked at alone: a deletion of what Oracle never had looks like nothing', async () => {
  const world = new World();
  const all = keys(20);
  for (const key of all) {
    await world.stores.couchbase.upsert(key, { content: document('1') });
    await world.stores.couchbase.remove(key, {});
  }
  assert.deepEqual(await world.work(written(all), { feed: true }), []);
  assert.equal(world.did.filter((each) => each.startsWith('foreign ')).length, 20);
  for (const key of all) assert.notEqual((await world.stores.oracle.read(key, {})).version, 0n);
});

test('a batch of ten is settled one by one', async () => {
  const world = new World();
  await world.fill(keys(10));
  await world.work(written(keys(10)));
  assert.equal(world.reads.length, 20);
});

test('the follower is read first: in settle Couchbase, up to switch Oracle; in legacy and contract no more than is needed', async () => {
  for (const [phase, stores] of [
    ['legacy', ['couchbase']],
    ['expand', ['oracle', 'couchbase']],
    ['seal', ['oracle', 'couchbase']],
    ['switch', ['oracle', 'couchbase']],
    ['settle', ['couchbase', 'oracle']],
    ['contract', []],
  ] as const) {
    const world = Object.assign(new World(), { phase });
    await world.fill(keys(11));
    assert.deepEqual(await world.work(written(keys(11))), []);
    assert.deepEqual(
      world.reads,
      stores.map((store) => `${store} 11 keys`),
      phase,
    );
  }
});

test('what differs is repaired, and nobody else waits for a call of its own', async () => {
  const world = new World();
  const all = keys(300);
  await world.fill(all);
  await world.stores.couchbase.upsert('k7', { content: document('2') });
  assert.deepEqual(await world.work(written(all)), []);
  assert.equal((await world.stores.oracle.read('k7', {})).content?.digest, document('2').digest);
  assert.deepEqual(world.did, ['repair k7']);
  assert.deepEqual(
    world.reads.filter((read) => !read.endsWith(' keys')),
    ['oracle k7', 'couchbase k7'],
  );
});

test('a write between both looks is no deletion: its key is settled by a look of its own', async () => {
  const world = new World();
  await world.fill(keys(11));
  const { bulk } = world;
  Object.defineProperty(world, 'bulk', {
    value: {
      ...bulk,
      couchbase: async (all: readonly string[]) => {
        await world.stores.couchbase.upsert('k3', { content: document('2') });
        await world.stores.oracle.apply('k3', { content: document('2'), version: 2n ** 62n });
        return bulk.couchbase(all);
      },
    },
  });
  await world.work(written(keys(11)));
  assert.ok(world.reads.includes('oracle k3'));
  assert.notEqual((await world.stores.couchbase.read('k3', {})).content, null);
});

test('the marker of a deletion is told to a later receipt, and goes by that one, in a batch as alone', async () => {
  const world = Object.assign(new World(), { phase: 'seal' as const });
  const all = keys(11);
  await world.fill(all);
  const { cas } = await world.stores.couchbase.read('k5', {});
  const marker = await world.stores.couchbase.swap('k5', { cas, content: null, version: null });
  await world.stores.oracle.apply('k5', { content: null, version: marker as bigint });
  await world.work(written(all));
  assert.deepEqual(
    world.sent.map(({ key, cause, expired }) => [key, cause, expired]),
    [['k5', 'marker', marker]],
  );
  await world.work([...written(all), `k5 marker ${marker}`]);
  assert.equal((await world.stores.couchbase.read('k5', {})).cas, 0n);
});

test('messages with the same body are settled by one look, and each is counted; a sampled read counts as equal', async () => {
  const world = new World();
  await world.fill(['a', 'b']);
  await world.work([...Array<string>(8).fill('a write'), ...Array<string>(7).fill('b read')]);
  assert.deepEqual(world.reads, ['oracle 2 keys', 'couchbase 2 keys']);
  const count = (metric: Metric) => world.metrics.filter((each) => each === metric).length;
  assert.deepEqual([count('ReceiptsSettled'), count('ShadowReadsEqual')], [15, 7]);
});

test('whoever may have a letter is said to wait no more: after a second delivery, and after a repair', async () => {
  const world = new World();
  await world.fill(keys(12));
  await world.work(written(keys(12)), { deliveries: 2 });
  assert.deepEqual(
    world.did.toSorted(),
    written(keys(12))
      .map((body) => `settled ${body}`)
      .toSorted(),
  );
  world.did.length = 0;
  await world.work([...written(keys(12)), 'k1 run']);
  assert.deepEqual(world.did, ['settled k1 run']);
});

test('a message that is no receipt, one without end and a key that is not read harm no other', async () => {
  const world = new World();
  await world.fill([...keys(11), 'unread']);
  const bodies = [...written(keys(11)), 'bad', 'unread write'];
  assert.deepEqual(await world.work(bodies), []);
  assert.deepEqual(world.did, ['set aside bad: The message is no receipt']);
  assert.deepEqual(
    world.reads.filter((read) => !read.endsWith(' keys')),
    ['oracle unread', 'couchbase unread'],
  );
  const loops = Object.assign(new World(), {});
  await loops.work(written(keys(11)), { loop: 'MessageLoop' });
  assert.deepEqual([loops.did.length, loops.reads], [11, []]);
});

test('a bulk look that fails alone costs one call, and everything is settled one by one', async () => {
  const world = Object.assign(new World(), {
    bulkFails: new StoreUnavailable(TARGET, false, new Error('slow')),
  });
  await world.fill(keys(600));
  assert.deepEqual(await world.work(written(keys(600))), []);
  assert.equal(world.reads.filter((read) => read.endsWith(' keys')).length, 1);
  assert.ok(world.working.most <= 10, `${world.working.most} at a time`);
});

test('a store that is away: all are delivered again, after five questions nobody asks, and the next batch asks none in bulk', async () => {
  const away = new StoreUnavailable(TARGET, false, new Error('away'));
  const world = Object.assign(new World(), { bulkFails: away, fails: away });
  assert.equal((await world.work(written(keys(50)))).length, 50);
  const asked = world.reads.length;
  assert.ok(asked >= 6 && asked <= 11, `${asked} reads`);
  assert.equal(world.did.filter((what) => what.startsWith('waits')).length, asked - 1);
  assert.equal(world.did.filter((what) => what.startsWith('hidden')).length, 50);
  assert.equal((await world.work(written(keys(50)))).length, 50);
  assert.equal(world.reads.length, asked);
});

test('another store than before is not read: each receipt waits', async () => {
  const world = new World();
  world.identity = () => Promise.reject(new OperatorNeeded(TARGET, 'IDENTITY_CHANGED'));
  assert.equal((await world.work(written(keys(20)))).length, 20);
  assert.deepEqual(world.reads, []);
});

test('what an invocation has no time for is delivered again, and counts neither as a failure of a store nor as a letter', async () => {
  const world = new World();
  const all = keys(40);
  await world.fill(all);
  for (const key of all) await world.stores.couchbase.upsert(key, { content: document('2') });
  let left = 120;
  world.timely = () => left-- > 0;
  const again = await world.work(written(all));
  assert.ok(again.length > 0 && again.length < 40, `${again.length} are delivered again`);
  assert.equal(world.did.filter((what) => what.startsWith('repair')).length, 40 - again.length);
  assert.deepEqual(world.did.filter((what) => what.startsWith('hidden')).length, again.length);
  assert.ok(world.breaker.isCalm);
});

test('no bulk look begins that would take the time of the rest', async () => {
  const world = Object.assign(new World(), { mayLook: () => false });
  await world.fill(keys(11));
  assert.deepEqual(await world.work(written(keys(11))), []);
  assert.equal(world.reads.length, 22);
});

test('a bulk look that has begun ends before its second store when its time is over', async () => {
  const world = new World();
  await world.fill(keys(11));
  let asked = 0;
  world.mayLook = () => asked++ === 0;
  assert.deepEqual(await world.work(written(keys(11))), []);
  assert.deepEqual(world.reads.slice(0, 1), ['oracle 11 keys']);
  assert.equal(world.reads.length, 23);
});

test('what was not read in the first store is not read in the second one', async () => {
  const world = Object.assign(new World(), { phase: 'settle' as const });
  await world.fill([...keys(11), 'unread']);
  assert.deepEqual(await world.work(written([...keys(11), 'unread'])), []);
  assert.deepEqual(world.reads.slice(0, 2), ['couchbase 12 keys', 'oracle 11 keys']);
});

test('a collection whose stores are others stops no other collection of its batch', async () => {
  const world = new World();
  const other = new OperatorNeeded(TARGET, 'IDENTITY_CHANGED');
  world.identity = (collection) => (collection === 'carts' ? Promise.reject(other) : Promise.resolve());
  await world.fill(keys(20));
  const carts = keys(3).map((key) => `${key} write 0 carts`);
  assert.deepEqual(await world.work([...carts, ...written(keys(20))]), ['0', '1', '2']);
  assert.deepEqual(world.reads, ['oracle 20 keys', 'couchbase 20 keys']);
});
