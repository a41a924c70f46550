/** What a container learns from a mutation never fails the mutation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WitnessParts, witnesses } from '../../functions/edge/witness.ts';

const CONFIGURATION = {
  timing: { lease: 30_000, request: 20_000 },
  collections: { orders: { couchbase: { bucket: 'shop' } } },
};

test('a mutation that was made is not failed by what is learned from it', () => {
  const warned: string[] = [];
  const broken = () => {
    throw new Error('out of order');
  };
  const parts = {
    ...{ configuration: CONFIGURATION, now: () => 0, clock: { wall: () => 0, steady: () => 0 } },
    logger: { warn: (text: string) => warned.push(text) },
    metrics: { addMetric: broken, singleMetric: broken },
    ...{ phase: broken, note: broken, partitions: broken },
  } as unknown as WitnessParts;
  const began = { earliest: 60_000, latest: 60_000 };
  // Its clock is a minute behind, so there is something to tell.
  witnesses(parts).of('orders').made({ cas: 1n, began, ended: began, partition: null });
  assert.deepEqual(warned, ['Nothing was learned from a mutation in Couchbase']);
});
