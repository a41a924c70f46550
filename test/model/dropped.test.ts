/** Which tombstones the model drops: those of the product's statement. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayDrop } from './dropped.ts';
import { Memory } from './memory.ts';
import { SANE_CLOCK, type Scenario } from './scenario.ts';
import { startingState } from './state.ts';
import { EMPTY } from './world.ts';

const SCENARIO: Scenario = {
  ...{ start: 'nothing', phase: 'expand', walk: [], forced: [], outages: 0, failovers: 0, fallbacks: 0 },
  ...{ clients: [], repairs: 0, duplicates: false, verification: 'always', close: false, faults: 0 },
  ...{ clock: SANE_CLOCK, drops: true },
};

test('a tombstone is dropped that has a version of a clock, or is of a key that never was', () => {
  const state = startingState(SCENARIO, new Memory({}));
  const droppable = (version: bigint) => {
    const row = { content: null, version, handoff: null, handback: 0n };
    return mayDrop({ ...state, world: { ...EMPTY, row } }, SCENARIO, {});
  };
  assert.deepEqual([1n, 4000n, 9950n].map(droppable), [true, true, true]);
  // A document that was created over the tombstone of a key that never was counts on from it: another one may come to have its version.
  assert.deepEqual([0n, 2n, 3n, 999n].map(droppable), [false, false, false, false]);
});
