/** What a random schedule starts from, drawn from its seed. */
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { type Focus, SANE_CLOCK, type Scenario, SLOW_CLOCK, startsOf, type Task } from './scenario.ts';

/** Mulberry32, a public-domain generator: enough to pick schedules, and fast. */
export function randomness(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export type Random = (below: number) => number;

export const TASKS: readonly Task[] = [
  { kind: 'read', condition: 'none' },
  { kind: 'read', condition: 'none' },
  { kind: 'put', condition: 'none' },
  { kind: 'put', condition: 'seen' },
  { kind: 'put', condition: 'absent' },
  { kind: 'put', condition: 'none', mortal: true },
  { kind: 'put', condition: 'seen', mortal: true },
  { kind: 'delete', condition: 'none' },
  { kind: 'delete', condition: 'seen' },
];

export function scenarioOf(random: Random, focusing: Focus = {}): Scenario {
  const focus = typeof focusing === 'function' ? focusing(random) : focusing;
  const drawn = PHASES[random(PHASES.length)] as Phase;
  const phase = focus.phase ?? drawn;
  const starts = startsOf(phase);
  const clients = Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 1 + random(3) }, () => TASKS[random(TASKS.length)] as Task),
  );
  const start = starts[random(starts.length)] as (typeof starts)[number];
  const walk = walkFrom(phase, random);
  return {
    ...{ start, phase, walk },
    // On long ways there is a phase for them to be late in.
    shards: focus.walk === undefined && walk.length > 2,
    clients,
    clock: random(3) === 0 ? SLOW_CLOCK : SANE_CLOCK,
    repairs: 1000,
    duplicates: random(2) === 0,
    verification: 'always',
    ...{ forced: [], outages: 0, failovers: 0, fallbacks: 0, close: false },
    faults: random(2) === 0 ? 0 : random(4),
    ...focus,
  };
}

function walkFrom(from: Phase, random: Random): Phase[] {
  const walk: Phase[] = [];
  let [at, direction] = [PHASES.indexOf(from), random(2) === 0 ? 1 : -1];
  for (let steps = random(7); steps > 0; steps--) {
    if (random(4) === 0) direction = -direction;
    if (PHASES[at + direction] === undefined) direction = -direction;
    at += direction;
    walk.push(PHASES[at] as Phase);
  }
  return walk;
}
