/** Nobody acts on a phase whose bake is over: for all timings that a configuration may have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bake,
  lastCall,
  lastsAfterLook,
  problemsOf,
  type Timing,
} from '../../functions/configuration/configuration.ts';
import { PhaseCache, PhaseUnknown } from '../../functions/phases/phase_cache.ts';
import type { Run } from '../../functions/records/run.ts';
import { Turns } from '../../functions/runs/turn.ts';

const RUN: Run = {
  ...{ id: 'r', kind: 'copyback', collection: 'c', options: {}, stamp: '', phase: 'switch' },
  started: 1_000_000,
};

const seconds = (most: number) => fc.integer({ min: 1, max: most }).map((n) => n * 1000);
const allowed = fc
  .record({
    lease: fc.integer({ min: 1000, max: 600_000 }),
    refresh: fc.integer({ min: 0, max: 600_000 }),
    request: seconds(29),
    call: fc.integer({ min: 100, max: 25_000 }),
    backfill: seconds(900),
  })
  .filter((timing) => !problemsOf({ timing }).some((problem) => problem.includes('timing.')));

/** A worker whose phase was read once, and cannot be read any more, on a clock that is a number. */
function workerOf(timing: Timing) {
  const world = { now: 2_000_000, blind: false };
  const clock = { wall: () => world.now, steady: () => world.now };
  const read = async () => {
    if (world.blind) throw new Error('throttled');
    return new Map([['c', { value: '{"phase":"switch","since":0,"by":"test"}', version: 1, changed: 0 }]]);
  };
  const { lease, refresh, request } = timing;
  const cache = new PhaseCache(read, clock, { lease, refresh, retry: 1000, settling: request }, () => {});
  const turns = new Turns(RUN, {
    phase: () => cache.current('c'),
    wait: async () => true,
    timely: () => true,
    clock,
    lasts: lastsAfterLook(timing),
  });
  return { world, turns };
}

test('the last look at a phase, and the longest call after it, end before its bake does', async () => {
  let least = Number.POSITIVE_INFINITY;
  await fc.assert(
    fc.asyncProperty(allowed, fc.double({ min: 0, max: 1, noNaN: true }), async (timing, share) => {
      const { world, turns } = workerOf(timing);
      await turns.permit();
      const moved = world.now;
      world.blind = true;
      // The phase is moved right after it was read. The worker looks as late as it can.
      world.now = moved + Math.floor(share * timing.lease);
      const { timely } = await turns.permit();
      const looked = world.now;
      world.now = looked + lastsAfterLook(timing) - 1;
      assert.equal(timely(), true);
      assert.ok(world.now + lastCall(timing) <= moved + bake(timing));
      least = Math.min(least, world.now - looked);
      world.now++;
      assert.equal(timely(), false);
      world.now = moved + timing.lease + 1;
      await assert.rejects(turns.permit(), PhaseUnknown);
    }),
  );
  // And each look leaves time for a call.
  assert.ok(least > 0);
});
