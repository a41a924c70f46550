/** Writes beside a follower, or a queue, that refuses, is silent, is slow or fails now and then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perform } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { portOf } from '../../functions/stores/port.ts';
import {
  AWAY,
  answers,
  BOUNDS,
  failsEverySecond,
  late,
  PHASES,
  refuses,
  silent,
  World,
} from './follower_world.ts';
import type { VirtualTimer } from './virtual_timer.ts';

const median = (times: readonly number[]) => [...times].sort((x, y) => x - y)[times.length >> 1] as number;
/** Most writes take what they take beside a healthy one; five find out, and then one in 3 s tries. */
function assertUnhurt(times: readonly number[], healthy: readonly number[]): void {
  assert.ok(median(times) <= median(healthy), `p50 ${median(times)} of ${median(healthy)}`);
  const slow = times.filter((took) => took > 1.2 * median(healthy)).length;
  const seconds = times.reduce((all, each) => all + each, 0) / 1000;
  assert.ok(slow <= 5 + seconds / 3, `${slow} were slow in ${seconds} s`);
  assert.ok(Math.max(...times) <= BOUNDS.most + 3 * AWAY, `the longest ${Math.max(...times)}`);
}

for (const [phase, store] of PHASES)
  for (const sick of [silent, late, refuses, failsEverySecond])
    test(`${phase}: writes beside ${store} (${sick.name}) take no longer than beside a healthy one, and it is asked again within 10 s of its return`, async () => {
      const world = new World(phase, store);
      const healthy = await world.puts(10);
      world.follower = sick;
      assertUnhurt(await world.puts(80), healthy);
      assert.ok(world.log.includes(`${store} opened`), 'operators get to know');
      assert.ok(world.log.includes(`skipped ${store} ${phase}`));
      world.follower = answers;
      const returned = world.timer.now();
      world.log.length = 0;
      while (!world.log.includes(`${store} closed`)) {
        await world.puts(1);
        assert.ok(world.timer.now() - returned < 10_000, 'normal within 10 s');
      }
      world.log.length = 0;
      await world.puts(10);
      assert.deepEqual(world.log, []);
    });

test('without bulkheads each write beside a follower that answers after 5 s takes 5 s', async () => {
  const world = new World('expand', 'oracle', false);
  world.follower = late;
  const [kind, took] = await world.put();
  assert.deepEqual([kind, took >= 5000], ['written', true]);
});

for (const [phase, store] of PHASES)
  test(`${phase}: nothing is acknowledged without ${store} before the queue has its receipt, however long its circuit has been open`, async () => {
    const world = new World(phase, store);
    world.follower = silent;
    await world.puts(6);
    // The queue is away: the follower is asked after all, and its answer counts.
    world.queue = async () => false;
    world.follower = answers;
    const before = world.calls;
    assert.equal((await world.put())[0], 'written');
    assert.ok(world.calls > before);
    world.follower = refuses;
    assert.equal((await world.put())[0], 'unknown');
    // A slow queue is waited for.
    world.queue = async (timer) => {
      await timer.sleep(2000);
      return true;
    };
    world.follower = silent;
    const [kind, took] = await world.put();
    assert.deepEqual([kind, took >= 2000], ['written', true]);
  });

for (const [phase, store] of PHASES)
  test(`${phase}: a verification finds what ${store} lacks, so that no gate opens, until the receipts are settled`, async () => {
    const world = new World(phase, store);
    world.follower = silent;
    await world.puts(8);
    assert.ok(world.log.includes(`skipped ${store} ${phase}`));
    const at = (key: string) => portOf(key, world.stores);
    const verdicts = () =>
      Promise.all(Array.from({ length: 8 }, (_, n) => perform(verify(phase), at(`k${n}`))));
    assert.ok((await verdicts()).every((verdict) => verdict !== 'equal'));
    for (let n = 0; n < 8; n++) await perform(converge(phase, 0n), at(`k${n}`));
    assert.ok((await verdicts()).every((verdict) => verdict === 'equal'));
  });

test('a late follower is waited for where the receipt could not be sent', async () => {
  const world = new World('expand', 'oracle');
  world.follower = late;
  world.queue = async () => false;
  const [kind, took] = await world.put();
  assert.deepEqual([kind, took >= 5000], ['written', true]);
});

test('a call that was given up learns that nobody waits for it', async () => {
  const world = new World('expand', 'oracle');
  world.follower = late;
  await world.put();
  await world.timer.run(world.timer.sleep(6000));
  assert.deepEqual(world.seen, ['couchbase.upsert', 'oracle.apply, given up']);
});

test('settle: a mutation of Couchbase is waited for until its driver gives it up, which may send it again until then', async () => {
  const world = new World('settle', 'couchbase');
  const healthy = await world.puts(10);
  world.follower = (timer, _, call) => timer.sleep(call === 'swap' ? 3000 : AWAY);
  const times = await world.puts(80);
  assert.deepEqual(
    world.seen.filter((call) => call.includes('given up')),
    [],
  );
  assert.ok(Math.max(...times) >= 3000);
  assert.ok(median(times) <= median(healthy));
  const slow = times.filter((took) => took > 1.2 * median(healthy)).length;
  assert.ok(slow <= 6, `${slow} were slow`);
});

test('in seal and switch both stores are waited for, whatever they take', async () => {
  for (const phase of ['seal', 'switch'] as const) {
    const world = new World(phase, 'oracle');
    world.follower = (timer) => timer.sleep(2000);
    for (let n = 0; n < 6; n++) {
      const [kind, took] = await world.put();
      assert.deepEqual([kind, took >= 2000], ['written', true]);
    }
    assert.deepEqual(world.log, []);
  }
});

test('a queue that is slow, or fails, does not hold up writes that both stores have', async () => {
  for (const queue of [
    async (timer: VirtualTimer) => {
      await timer.sleep(5000);
      return true;
    },
    async (timer: VirtualTimer) => {
      await timer.sleep(3000);
      return false;
    },
  ]) {
    const world = new World('expand', 'oracle');
    const healthy = await world.puts(10);
    world.queue = queue;
    assertUnhurt(await world.puts(80), healthy);
    assert.ok(world.log.includes('queue opened'));
    assert.ok(!world.log.some((line) => line.includes('oracle')));
  }
});
