/** A receipt that ends the process of its worker: it is found and set aside, and its neighbours are settled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keys, World, written } from './batch_world.ts';

/** Milliseconds until a message of a worker that has died is delivered again. */
const AGAIN = 60_000;

class Queue extends World {
  deaths = 0;
  /** Deliveries of each message that is left. */
  readonly left = new Map<string, number>();
  kills: (key: string) => boolean = (key) => key === 'killer';

  add(bodies: readonly string[]): void {
    for (const body of bodies) this.left.set(body, 0);
  }

  /** One invocation with all that is left. */
  async deliver(): Promise<void> {
    for (const [body, deliveries] of this.left) {
      this.left.set(body, deliveries + 1);
      this.deliveries.set(body, deliveries + 1);
    }
    const bodies = [...this.left.keys()];
    const died = new Promise<null>((resolve) => {
      this.touches = async (some) => {
        if (!some.some(this.kills)) return;
        resolve(null);
        await new Promise(() => {});
      };
    });
    const again = await Promise.race([died, this.work(bodies)]);
    if (again === null) this.deaths++;
    else for (const [n, body] of bodies.entries()) if (!again.includes(String(n))) this.left.delete(body);
    this.now += AGAIN;
  }
}

async function queueOf(neighbours: number): Promise<Queue> {
  const queue = new Queue();
  await queue.fill([...keys(neighbours), 'killer']);
  queue.add(['killer write', ...written(keys(neighbours))]);
  return queue;
}

test('its neighbours are settled, and it is set aside after five deaths', async () => {
  for (const neighbours of [0, 5, 300]) {
    const queue = await queueOf(neighbours);
    for (let n = 0; n < 8 && queue.left.size > 0; n++) await queue.deliver();
    assert.deepEqual([...queue.left.keys()], [], `${neighbours} neighbours`);
    const aside = queue.did.filter((what) => what.startsWith('set aside'));
    assert.deepEqual([aside.length, queue.deaths], [1, 5]);
    assert.match(aside[0] ?? '', /^set aside killer write: its worker died of it/);
  }
});

test('fresh receipts are settled while it is looked for', async () => {
  const queue = await queueOf(20);
  for (let n = 0; n < 3; n++) await queue.deliver();
  assert.equal(queue.left.size, 21);
  await queue.fill(keys(15, 'fresh'));
  queue.add(written(keys(15, 'fresh')));
  // It is alone, after the others: they are settled, but their worker dies before it can say so.
  await queue.deliver();
  assert.equal(queue.reads.filter((read) => read === 'oracle killer').length, 1);
  assert.ok(queue.reads.includes('couchbase 15 keys'));
});

test('receipts that wait for a store are no suspects, however often they are delivered', async () => {
  const queue = await queueOf(30);
  queue.kills = () => false;
  queue.fails = new Error('not now');
  for (const body of queue.left.keys()) queue.left.set(body, 5);
  await queue.fill(keys(30, 'same'));
  const { stores } = queue;
  for (const key of keys(30)) await stores.oracle.apply(key, { content: null, version: 2n ** 62n });
  for (let n = 0; n < 4; n++) await queue.deliver();
  queue.fails = null;
  await queue.deliver();
  assert.deepEqual([...queue.left.keys()], []);
  assert.deepEqual(
    queue.did.filter((what) => what.startsWith('set aside')),
    [],
  );
  assert.ok([...queue.marks.values()].every(({ at, alone }) => at === 0 && alone === 0));
});

test('what another worker has in hand is left to it, and a redriven receipt has all of its deliveries again', async () => {
  const queue = await queueOf(0);
  queue.left.set('killer write', 5);
  queue.marks.set('killer write', { at: queue.now - 1000, alone: 2 });
  await queue.deliver();
  assert.deepEqual([queue.deaths, queue.left.size, queue.did], [0, 1, []]);
  await queue.deliver();
  assert.equal(queue.left.size, 0);
  assert.deepEqual(queue.marks.get('killer write'), { at: 0, alone: 0 });
});

test('where Oracle cannot take the marks, receipts are worked on as ever', async () => {
  const queue = await queueOf(20);
  queue.kills = () => false;
  for (const body of queue.left.keys()) queue.left.set(body, 5);
  queue.marks.get = () => {
    throw new Error('Oracle is away');
  };
  await queue.deliver();
  assert.equal(queue.left.size, 0);
});
