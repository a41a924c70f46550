/** Random schedules: one seed, one schedule, the same every time. */
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { drain, quiet, wrong } from './drain.ts';
import type { Memory } from './memory.ts';
import { type Move, moves } from './move.ts';
import { type Bug, type Scenario, startsOf, type Task } from './scenario.ts';
import { type State, startingState } from './state.ts';
import { System } from './step.ts';

export interface Finding {
  readonly seed: number;
  readonly what: string;
}

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

type Random = (below: number) => number;

const TASKS: readonly Task[] = [
  { kind: 'read', condition: 'none' },
  { kind: 'read', condition: 'none' },
  { kind: 'put', condition: 'none' },
  { kind: 'put', condition: 'seen' },
  { kind: 'put', condition: 'absent' },
  { kind: 'delete', condition: 'none' },
  { kind: 'delete', condition: 'seen' },
];

export function scenarioOf(random: Random): Scenario {
  const phase = PHASES[random(PHASES.length)] as Phase;
  const starts = startsOf(phase);
  const clients = Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 1 + random(3) }, () => TASKS[random(TASKS.length)] as Task),
  );
  return {
    start: starts[random(starts.length)] as (typeof starts)[number],
    phase,
    walk: walkFrom(phase, random),
    clients,
    clock: random(3) === 0 ? 50n : 100n,
    repairs: 1000,
    duplicates: random(2) === 0,
    verification: 'always',
    faults: random(2) === 0 ? 0 : random(4),
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

/** Run one schedule. `log` gets every event. */
export function sample(
  seed: number,
  bug: Bug,
  memory: Memory,
  log: (before: State, move: Move, after: State) => void = () => {},
): Finding | null {
  const random = randomness(seed);
  const system = new System(scenarioOf(random), bug, memory);
  const faulty = 4 + random(30);
  const eager = eagerness(random);
  let state = startingState(system.scenario, memory);
  for (let i = 0; i < 1000; i++) {
    if (quiet(state, system) && (state.walked === system.scenario.walk.length || random(6) === 0)) break;
    const possible = moves(state, system.scenario, bug);
    if (possible.length === 0) break;
    const move = pick(possible, random, faulty, eager);
    const after = system.step(state, move);
    log(state, move, after);
    state = after;
    const what = wrong(state);
    if (what !== null) return { seed, what };
  }
  let before = state;
  const rest = drain(state, system, (move, after) => {
    log(before, move, after);
    before = after;
  });
  return rest.kind === 'rest' ? null : { seed, what: rest.what };
}

/**
 * How eager everything is in one run, from rare to hectic. Schedules in which all is equally likely look alike; what
 * breaks a protocol is often somebody who is very late (swarm testing: Groce et al., ISSTA 2012).
 */
type Eagerness = Readonly<Record<string, number>>;

function eagerness(random: Random): Eagerness {
  const kinds = [
    '0',
    '1',
    '2',
    'reconciler',
    'backfill',
    'verifier',
    'straggler',
    'bake',
    'walk',
    'reconcile',
  ];
  return Object.fromEntries(kinds.map((kind) => [kind, [1, 4, 16, 64][random(4)] as number]));
}

/** Faults are many among the moves, and rare in life: take one seldom. */
function pick(possible: readonly Move[], random: Random, faulty: number, eager: Eagerness): Move {
  const faults = possible.filter(isFault);
  if (faults.length > 0 && random(faulty) === 0) return faults[random(faults.length)] as Move;
  const plain = possible.filter((move) => !isFault(move));
  let at = random(plain.reduce((sum, move) => sum + weight(move, eager), 0));
  for (const move of plain) {
    at -= weight(move, eager);
    if (at < 0) return move;
  }
  return plain.at(-1) as Move;
}

function weight(move: Move, eager: Eagerness): number {
  const kind = move.kind === 'call' ? move.who : move.kind === 'begin' ? move.client : move.kind;
  return eager[kind] ?? 16;
}

function isFault(move: Move): boolean {
  return (move.kind === 'call' && move.fault !== null) || (move.kind === 'begin' && move.receiptLost);
}
