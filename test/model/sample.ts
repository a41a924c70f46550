/** Random schedules. */
import { deedsOf, type Event } from './deeds.ts';
import { drain, quiet, wrong } from './drain.ts';
import { type Random, randomness, scenarioOf } from './draw.ts';
import { type Excuse, excuseFor } from './excuse.ts';
import { Memory } from './memory.ts';
import { type Move, moves } from './move.ts';
import type { Bug } from './scenario.ts';
import { type State, startingState } from './state.ts';
import { System } from './step.ts';

export interface Sampled {
  readonly seed: number;
  /** What went wrong; null for nothing, or for what is excused. */
  readonly what: string | null;
  /** What the page names as not covered, and has gone wrong. */
  readonly excuse: Excuse | null;
  readonly operations: number;
  /** Operations without an answer though nothing had failed. */
  readonly unanswered: number;
  /** How often a forced move or a store that forgot has struck; see `State`. */
  readonly struck: number;
  /** How many shards of earlier phases were delivered. */
  readonly lateShards: number;
}

/** After so many moves a schedule is cut, and the system brought to rest. */
const LONGEST = 1000;

type Log = (before: State, move: Move, after: State) => void;

/** Run one schedule: one seed, one schedule, the same every time. `log` gets every event. */
export function sample(seed: number, bug: Bug, log: Log = () => {}): Sampled {
  const events: Event[] = [];
  const run = once(seed, bug, log);
  if (run.what === null) return run;
  // Few go wrong, so it costs less to run those twice than to keep the events of all.
  once(seed, bug, (before, move, after) => events.push({ before, move, after }));
  const world = events.at(-1)?.after.world;
  const excuse = world === undefined ? null : excuseFor(deedsOf(events), { what: run.what, world });
  return excuse === null ? run : { ...run, what: null, excuse };
}

function once(seed: number, bug: Bug, log: Log): Sampled {
  const random = randomness(seed);
  const system = new System(scenarioOf(random, bug.focus), bug, new Memory(bug.tampering ?? {}, false));
  const faulty = 4 + random(30);
  const eager = eagerness(random);
  let state = startingState(system.scenario, system.memory);
  const finish = (what: string | null): Sampled => {
    const operations = state.clients.reduce((sum, { begun }) => sum + begun, 0);
    const { unanswered, struck, lateShards } = state;
    return { seed, what, excuse: null, operations, unanswered, struck, lateShards };
  };
  for (let i = 0; i < LONGEST; i++) {
    if (quiet(state, system) && (state.walked === system.scenario.walk.length || random(6) === 0)) break;
    const possible = moves(state, system.scenario, bug);
    if (possible.length === 0) break;
    const move = pick(possible, random, faulty, eager);
    const after = system.step(state, move);
    log(state, move, after);
    state = after;
    const what = wrong(state, system);
    if (what !== null) return finish(what);
  }
  let before = state;
  const rest = drain(state, system, (move, after) => {
    log(before, move, after);
    before = after;
  });
  return finish(rest.kind === 'rest' ? null : rest.what);
}

/** How many schedules it took until one went wrong, and how; null if none of `most` did. */
export function catching(bug: Bug, most: number, seed = 1): { schedules: number; what: string } | null {
  for (let schedules = 1; schedules <= most; schedules++) {
    const { what } = sample(seed + schedules - 1, bug);
    if (what !== null) return { schedules, what };
  }
  return null;
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
    'expire',
    'bake',
    'walk',
    'reconcile',
    'away',
    'back',
    'bury',
    'safe',
    'forget',
  ];
  return Object.fromEntries(kinds.map((kind) => [kind, [1, 4, 16, 64][random(4)] as number]));
}

/** Faults are many among the moves, and rare in life: take one seldom. */
function pick(possible: readonly Move[], random: Random, faulty: number, eager: Eagerness): Move {
  const plain = possible.filter((move) => !isFault(move));
  const faults = plain.length === possible.length ? [] : possible.filter(isFault);
  if (faults.length > 0 && random(faulty) === 0) return faults[random(faults.length)] as Move;
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
