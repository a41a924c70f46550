/** The way of the clients' view, on a stage that makes each move as soon as it may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPhase, PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { KINDS, kindsIn } from './kind.ts';
import { Way, type WayParts } from './way.ts';

const SERVER = { struck: async () => ({}), calm: async () => {} };
const TWICE = 'messages come twice';

/** @param only the faults that strike. @returns what the way came by, and what it found wrong. */
async function gone(only: string, back: boolean, lost: string[] = []) {
  let [phase, target]: [Phase, Phase] = ['legacy', 'legacy'];
  let isHeld = false;
  const checked: string[] = [];
  const stage = {
    want: async (wanted: Phase) => {
      target = wanted;
    },
    holdController: async (held: boolean) => {
      if (isHeld && !held) phase = nextPhase(phase, target);
      isHeld = held;
    },
    until: async (is: (all: object[]) => boolean, why: string) =>
      assert.ok(is([{ collection: 'cities', effective: { phase } }]), why),
    local: { oracle: SERVER, couchbase: SERVER },
    ...{ rest: async () => {}, settled: async () => {}, deliverAgain: async () => {} },
    crowd: {
      start: () => {},
      check: async (which: string) => {
        checked.push(`${which} in ${phase}`);
        return lost.map((key) => ({ key, kind: 'lost', detail: '' }));
      },
    },
  };
  const way = new Way({
    ...{ stage, poison: { wrong: async () => [] }, operator: { help: () => {}, rest: async () => {} } },
    ...{ times: { fault: 0, after: 0, calm: 0 }, only, phases: PHASES, back, tell: () => {} },
  } as unknown as WayParts);
  await way.there();
  const found = await way.back();
  return { way, found, checked, phase };
}

test('it stands still in each phase, there and back, and compares all where both stores hold everything', async () => {
  const { way, found, checked, phase } = await gone(TWICE, false, ['a']);
  const visits = [...new Set(way.stretches.map(({ visit }) => visit))];
  const again = [...PHASES].reverse().slice(1);
  assert.deepEqual(visits, [...PHASES, ...again.map((each) => `${each} again`)]);
  assert.deepEqual([phase, checked], ['legacy', ['both in expand', 'couchbase in legacy']]);
  assert.equal(found.length, 2);
});

test('a fault strikes in each phase once, or in those of the way back, too, with calm before and after it', async () => {
  for (const back of [false, true]) {
    const { way } = await gone(TWICE, back);
    for (const visit of [...PHASES, ...(back ? ['expand again'] : [])]) {
      const kinds = way.stretches.filter((each) => each.visit === visit).map(({ kind }) => kind);
      assert.deepEqual(kinds.slice(-3), ['calm', 'fault', 'calm'], visit);
    }
    const struck = way.stretches.filter(({ kind }) => kind === 'fault').map((each) => each.struck);
    assert.deepEqual(struck, Array(back ? 10 : 6).fill(20));
  }
});

test('each fault is of something, poison comes only where documents may be written past the API, and all names differ', () => {
  assert.equal(new Set(KINDS.map(({ name }) => name)).size, KINDS.length);
  const poison = (phase: Phase) => kindsIn(phase, 'poison').length > 0;
  assert.deepEqual(PHASES.filter(poison), ['expand']);
  for (const patient of ['oracle', 'couchbase', 'api', 'queue', 'workers'])
    assert.ok(
      KINDS.some((kind) => kind.patient === patient),
      patient,
    );
});
