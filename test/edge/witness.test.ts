/** What a container learns from a mutation never fails the mutation, and what it notes of it is not too early. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type WitnessParts, witnesses } from '../../functions/edge/witness.ts';

const CONFIGURATION = {
  timing: { lease: 30_000, request: 20_000 },
  collections: { orders: { couchbase: { bucket: 'shop' }, durability: 'none' } },
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
  assert.deepEqual(warned, ['Nothing was learned from a call to Couchbase']);
});

test('a note is not too early where the shared clock stood still with its sandbox, nor far too late where the own one is ahead', async () => {
  const day = 86_400_000;
  for (const [ahead, least, most] of [
    [20_000, 20_000, 22_000],
    [day, 0, 32_000],
    [-day, 0, 2_000],
  ] as const) {
    const noted: number[] = [];
    const parts = {
      ...{
        configuration: CONFIGURATION,
        now: () => day,
        clock: { wall: () => day + ahead, steady: () => 0 },
      },
      logger: { warn: () => {} },
      metrics: { addMetric: () => {}, singleMetric: () => ({ addMetric: () => {} }) },
      ...{ phase: async () => 'expand', note: async (_: string, until: number) => void noted.push(until) },
      partitions: () => ({ of: async () => new Map([[1, 'a']]), remember: async () => {} }),
    } as unknown as WitnessParts;
    const { of, failovers } = witnesses(parts);
    const began = { earliest: day, latest: day };
    of('orders').made({ cas: 0n, began, ended: began, partition: { id: 1, uuid: 'b' } });
    await failovers.changes();
    await setImmediate();
    const [until = 0] = noted;
    assert.ok(until >= day + least && until <= day + most, `${ahead}: ${until - day}`);
  }
});
