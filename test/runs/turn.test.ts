import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Run } from '../../functions/records/run.ts';
import { PhaseChanged } from '../../functions/runs/phase_changed.ts';
import { permitted, Turns } from '../../functions/runs/turn.ts';

const RUN: Run = {
  ...{ id: 'r', kind: 'copyback', collection: 'orders', options: {}, stamp: '', phase: 'switch' },
  started: 100_000,
};

/** A run of `switch`, on clocks that are numbers. */
function world() {
  const seen = { phase: 'switch' as Phase, wall: 1_000_000, steady: 0, left: 300_000, looks: 0 };
  const turns = new Turns(RUN, {
    phase: async () => {
      seen.looks++;
      return { phase: seen.phase, since: 0, by: 'test' };
    },
    wait: async (documents) => {
      [seen.wall, seen.steady, seen.left] = [
        seen.wall + documents,
        seen.steady + documents,
        seen.left - documents,
      ];
      if (documents > 100) seen.phase = 'seal';
      return seen.left > 0;
    },
    timely: () => seen.left > 0,
    clock: { wall: () => seen.wall, steady: () => seen.steady },
    lasts: 14_500,
  });
  return { seen, turns };
}

test('the phase is looked at before a wait and after it', async () => {
  const { seen, turns } = world();
  assert.equal(await turns.wait(100), true);
  assert.equal(seen.looks, 2);
  await assert.rejects(turns.wait(200), PhaseChanged);
  await assert.rejects(turns.wait(1), PhaseChanged);
  assert.equal(seen.looks, 5);
});

test('a turn that is not granted is no reason to look at the phase again', async () => {
  const { seen, turns } = world();
  seen.left = 50;
  assert.equal(await turns.wait(50), false);
  assert.equal(seen.looks, 1);
});

test('a permit ends a request’s time after the look, or with the function, whichever clock says so', async () => {
  const { seen, turns } = world();
  const { timely } = await turns.permit();
  const at = (given: Partial<typeof seen>) => {
    const before = { ...seen };
    Object.assign(seen, given);
    const answer = timely();
    Object.assign(seen, before);
    return answer;
  };
  assert.equal(at({ wall: 1_014_499, steady: 14_499 }), true);
  assert.equal(at({ steady: 14_500 }), false);
  // The sandbox was frozen: its steady clock stood still.
  assert.equal(at({ wall: 1_014_500 }), false);
  assert.equal(at({ wall: 999_999 }), false);
  assert.equal(at({ left: 0 }), false);
});

test('an act that looks first does nothing once the phase is over', async () => {
  const { seen, turns } = world();
  const acted: string[] = [];
  const act = permitted(
    () => turns.permit(),
    async (key: string) => acted.push(key),
  );
  assert.equal(await act('a'), 1);
  seen.phase = 'seal';
  await assert.rejects(act('b'), PhaseChanged);
  assert.deepEqual(acted, ['a']);
});
