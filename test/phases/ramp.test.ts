/** Which keys are a phase ahead, and how the parameter of a phase tells so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import {
  followsContract,
  markIn,
  rampIn,
  withMark,
  withoutMark,
} from '../../functions/phases/forced_mark.ts';
import { isWithin, phaseOfKey, shareOf } from '../../functions/phases/ramp.ts';
import { phaseIn } from '../../functions/phases/stored_phase.ts';

const KEYS = Array.from({ length: 5000 }, (_, n) => `order-${n}`);
const STAY = 1_700_000_000_000;
const FORCED = [{ from: 'settle', to: 'switch', at: STAY, claim: 17 }] as const;
const stored = (phase: string, by: string) => JSON.stringify({ phase, since: STAY + 9000, by });

test('a share has about as many keys as it says, and one that grows keeps all that it had', () => {
  let before = new Set<string>();
  for (const percent of [0, 1, 10, 50, 99, 100]) {
    const within = new Set(KEYS.filter((key) => isWithin(key, percent)));
    const most = 4 * Math.sqrt(KEYS.length * (percent / 100) * (1 - percent / 100));
    assert.ok(
      Math.abs(within.size - (KEYS.length * percent) / 100) <= most,
      `${within.size} of ${percent} %`,
    );
    assert.ok([...before].every((key) => within.has(key)));
    before = within;
  }
});

test('which share a key is in never changes, for functions of two versions run side by side', () => {
  // The first four bytes of SHA-256 are at 72.8 %, 17.2 % and 98.8 % of what four bytes can be.
  assert.deepEqual(
    ['abc', 'foo', 'bar'].map((key) => [17, 18, 72, 73, 98, 99].map((percent) => isWithin(key, percent))),
    [
      [false, false, false, true, true, true],
      [false, true, true, true, true, true],
      [false, false, false, false, false, true],
    ],
  );
});

test('a request acts in the phase of its key, and only expand and seal have keys that are ahead', () => {
  const ramp = { percent: 18, since: 0 };
  assert.deepEqual(
    (['legacy', 'expand', 'seal', 'switch', 'settle', 'contract'] as const).map((phase) => [
      phaseOfKey({ phase, ramp }, 'foo'),
      phaseOfKey({ phase, ramp }, 'abc'),
    ]),
    [
      ['legacy', 'legacy'],
      ['seal', 'expand'],
      ['switch', 'seal'],
      ['switch', 'switch'],
      ['settle', 'settle'],
      ['contract', 'contract'],
    ],
  );
  assert.equal(phaseOfKey({ phase: 'seal' }, 'foo'), 'seal');
  // What a whole collection has come by says nothing of the next phase.
  assert.equal(phaseOfKey({ phase: 'seal', ramp: { percent: 100 } }, 'foo'), 'seal');
  assert.equal(shareOf({ phase: 'switch', ramp: { percent: 100 } }), 0);
});

test('the mark of a ramp is read as it was written, beside that of forced moves, and no name is one', () => {
  for (const forced of [[], FORCED])
    for (const percent of [0, 1, 10, 99, 100]) {
      const by = withMark('ann', forced, { percent, stay: STAY });
      assert.deepEqual(
        [rampIn(by), markIn(by), withoutMark(by)],
        [{ percent, stay: STAY }, forced, 'ann'],
        by,
      );
      assert.equal(followsContract(by), false);
    }
  for (const by of [
    'ann',
    'ann, ramp 101 since a',
    'ann, ramp 05 since a',
    'ann, ramp 5',
    'ann, ramp 5 since A',
  ])
    assert.deepEqual([rampIn(by), withoutMark(by)], [null, by]);
});

test('whatever stands in a name, only what the move says is marked', () => {
  const ramp = ', ramp 100 since a';
  const forced = '; forced 3:seal>switch@a';
  for (const spoof of [
    `${ramp}, from contract`,
    `${ramp}${ramp}`,
    `${ramp}${forced}${forced}`,
    `, from contract${ramp}, from contract`,
    `${forced}${ramp}`,
  ]) {
    const by = withMark(withoutMark(`ann${spoof}`), []);
    assert.deepEqual([by, rampIn(by), markIn(by), followsContract(by)], ['ann', null, [], false], spoof);
  }
});

test('a share that changes begins a bake and no new stay in the phase; a phase that was come to by a ramp begins one', () => {
  const at = (phase: string, percent: number) => {
    const value = stored(phase, withMark('controller', FORCED, { percent, stay: STAY }));
    const { since, ramp, forced } = phaseIn({ value, version: 7, changed: STAY + 50_000 }, 7);
    return { since: since - STAY, ramp: ramp && { ...ramp, since: ramp.since - STAY }, forced };
  };
  const share = (percent: number) => ({ percent, since: 50_007 });
  assert.deepEqual(at('seal', 10), { since: 0, ramp: share(10), forced: FORCED });
  assert.deepEqual(at('expand', 0), { since: 0, ramp: share(0), forced: FORCED });
  assert.deepEqual(at('switch', 100), { since: 50_007, ramp: share(100), forced: FORCED });
  assert.deepEqual(at('seal', 100), { since: 50_007, ramp: share(100), forced: FORCED });
  for (const phase of ['legacy', 'settle', 'contract'])
    assert.deepEqual(at(phase, 100), { since: 50_007, ramp: undefined, forced: FORCED });
  assert.equal(at('switch', 10).ramp, undefined);
  // A stay that begins after its last change was written by hand: no move would ever be made from there.
  const late = stored('seal', withMark('ann', [], { percent: 10, stay: STAY + 90_000 }));
  assert.equal(phaseIn({ value: late, version: 7, changed: STAY + 50_000 }, 7).since, STAY + 50_007);
  // What a parser tells by itself is as the value says.
  assert.equal(parsePhase(stored('seal', withMark('x', [], { percent: 10, stay: STAY }))).since, STAY);
});
