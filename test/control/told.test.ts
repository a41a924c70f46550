/** What operators are told beside the conditions of a move: runs that it stops, conflicts, and forced moves with who made them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conflictsOf } from '../../functions/control/conflicts.ts';
import type { Decision } from '../../functions/control/decide.ts';
import { toldForces } from '../../functions/control/told_force.ts';
import { underWay, withRuns } from '../../functions/control/under_way.ts';
import { collection } from './given.ts';

const RUNS = [
  { id: 'a', kind: 'backfill', phase: 'expand' },
  { id: 'b', kind: 'verify', phase: 'seal' },
] as const;

test('runs under way are named, hold no move up, and are left out where there are none', () => {
  assert.equal(underWay([]), null);
  assert.deepEqual(underWay(RUNS), {
    ...{ name: 'runs under way', holds: true },
    measured: 'backfill a of expand, verify b of seal: the move stops them, within a bake',
  });
});

test('a move and a wait are told with the runs, if Oracle tells of them; where there is no next move nobody asks', async () => {
  const condition = { name: 'bake', holds: true, measured: 'it is over' };
  const wait = {
    ...{ kind: 'wait', phase: 'seal', wanted: 'settle', to: 'switch', conditions: [condition], forced: [] },
  } as Decision;
  const ports = { underWay: async () => RUNS };
  const told = await withRuns(ports, 'orders', wait);
  assert.ok('conditions' in told);
  assert.deepEqual(told.conditions, [condition, underWay(RUNS)]);
  const away = { underWay: () => Promise.reject(new Error('Oracle is away')) };
  assert.equal(await withRuns(away, 'orders', wait), wait);
  assert.equal(await withRuns({ underWay: async () => [] }, 'orders', wait), wait);
  const arrived = { kind: 'arrived', phase: 'seal' } as const;
  const nobody = { underWay: async () => assert.fail('asked') };
  assert.equal(await withRuns(nobody, 'orders', arrived), arrived);
});

test('conflicts are one condition that does not hold, lets runs begin, and names the command', () => {
  assert.deepEqual(conflictsOf(collection()), []);
  assert.deepEqual(conflictsOf({ ...collection(), conflicts: 0 }), []);
  const [condition, ...others] = conflictsOf({ ...collection(), conflicts: 3 });
  assert.deepEqual(others, []);
  assert.deepEqual([condition?.holds, condition?.lets], [false, true]);
  assert.match(condition?.measured ?? '', /^3 contents were replaced/);
  assert.equal(condition?.command, 'npx crossfade set-aside list orders --open');
});

test('forced moves are told with who made them and why, from their claims, and with what heals them', async () => {
  const mark = { from: 'settle', to: 'switch', at: 7, claim: 3 } as const;
  const claim = { ...mark, by: 'user/ann; forced 3:settle>switch@7', why: 'forced: Oracle is away' };
  const claimed = async (version: number) => (version === 3 ? { text: JSON.stringify(claim), at: 7 } : null);
  const { forced, heals } = await toldForces({ claimed }, 'orders', 'switch', [mark, { ...mark, claim: 4 }]);
  assert.deepEqual(forced, [
    { ...mark, by: 'user/ann', why: 'Oracle is away' },
    // Its claim is gone, or nobody has made it.
    { ...mark, claim: 4, by: null, why: null },
  ]);
  assert.match(heals ?? '', /npx crossfade verify start orders --repair/);
  const nobody = async () => assert.fail('asked');
  assert.deepEqual(await toldForces({ claimed: nobody }, 'orders', 'switch', []), {
    forced: [],
    heals: null,
  });
});
