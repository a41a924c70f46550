/** What a preflight tells of keys that are not the collection's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Preflight } from '../../functions/operations/preflight.ts';
import { PreflightWorld } from './preflight_world.ts';

const keyOf = (n: number) => `k${String(n).padStart(6, '0')}`;
const countsIn = ({ checked, ignored, elsewhere, orphans, samples }: Preflight) => ({
  ...{ checked, ignored, elsewhere, orphans, samples },
});

test('documents of other keys are counted, and not read; those of no collection are named; each once, however the walk is cut', async () => {
  const filled = () => {
    const world = new PreflightWorld().fill(1300);
    const whose = ['taken', 'taken', 'elsewhere', 'ignored', 'orphan'] as const;
    world.owner = (key) => (key < keyOf(1000) ? 'orphan' : (whose[Number(key.slice(1)) % 5] ?? 'taken'));
    return world;
  };
  const [whole, world] = [await filled().all(), filled()];
  assert.deepEqual(
    [whole.checked, whole.elsewhere, whole.ignored, whole.orphans, whole.samples.length],
    [120, 60, 60, 1060, 8],
  );
  assert.match(whole.samples[0]?.why ?? '', /no pattern of any collection/);
  world.batches = 1;
  const cut = countsIn(await world.all());
  assert.deepEqual(cut, countsIn(whole));
  assert.equal(world.read.length, 120);
  Object.assign(world, { batches: Number.POSITIVE_INFINITY }).killers.add(keyOf(1001));
  assert.equal((await world.all()).orphans, 1060);
});

test('orphans of the look before count until the next one has come to its end', async () => {
  const world = Object.assign(new PreflightWorld().fill(10), { owner: () => 'orphan' as const });
  await world.all();
  Object.assign(world, { owner: () => 'taken', batches: 0 });
  await world.ask({ walk: 'anew' });
  assert.deepEqual([world.walk?.found.orphans, world.walk?.found.orphansBefore], [0, 10]);
});
