/** Each look counts the tombstones of one collection, in turns, and no more than are an alarm. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectionOf } from '../../functions/operations/tombstone_count.ts';
import { OutOfTime } from '../../functions/stores/reach.ts';
import { AWAY, World } from './round_world.ts';

test('each collection is counted once in as many minutes as there are collections, however often there is a look', async () => {
  const names = ['a', 'b', 'c'];
  const inTurn = Array.from({ length: 6 }, (_, minute) => collectionOf(names, minute * 60_000 + 20_000));
  assert.deepEqual(inTurn, ['a', 'b', 'c', 'a', 'b', 'c']);
  assert.equal(collectionOf([], 0), undefined);
  const world = new World();
  world.now = 60_000;
  const asked: unknown[] = [];
  const countTombstones = async (...given: unknown[]) => asked.push(given);
  await world.measured('Tombstones', { countTombstones });
  assert.deepEqual(asked, [['items', 1001]]);
});

test('the number is a metric, and one above the setting is in the log with its collection', async () => {
  const world = new World();
  const counted = (tombstones: number) =>
    world.measured('Tombstones', { countTombstones: async () => tombstones });
  assert.equal(await counted(1000), 1000);
  assert.deepEqual(world.said, []);
  assert.equal(await counted(1001), 1001);
  assert.match(world.said.join(), /^TOO_MANY_TOMBSTONES.*"collection":"orders","most":1000/);
});

test('where Oracle is away nothing is counted, and a round without time says nothing of it', async () => {
  const world = new World();
  assert.equal(await world.measured('Tombstones', { countTombstones: AWAY }), undefined);
  assert.match(world.said.join(), /Tombstones were not counted/);
  world.said.length = 0;
  const late = () => Promise.reject(new OutOfTime('No time was left'));
  assert.equal(await world.measured('Tombstones', { countTombstones: late }), undefined);
  assert.deepEqual(world.said, []);
});
