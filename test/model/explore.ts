/** Every schedule of one scenario: depth first, each state once. */
import { deedsOf, type Event } from './deeds.ts';
import { drain, quiet, wrong } from './drain.ts';
import { excuseFor } from './excuse.ts';
import { fingerprint } from './fingerprint.ts';
import { type Move, moves, runningOf } from './move.ts';
import { type State, startingState, type Who } from './state.ts';
import type { System } from './step.ts';
import { Visited } from './visited.ts';

const UNBOUNDED = Number.MAX_SAFE_INTEGER;
const ACTORS: readonly (Who | null)[] = [0, 1, 2, 'reconciler', 'rival', 'backfill', 'verifier', null];

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** What went wrong, and the moves that led there. */
  readonly finding: { readonly what: string; readonly path: readonly Move[] } | null;
  /** How many states are wrong as the page names it, by the names of their excuses. */
  readonly excused: Excused;
}

/** Histories that are excused, by the names of their excuses. */
export type Excused = Readonly<Record<string, number>>;

interface Frame {
  readonly state: State;
  readonly left: Move[];
  /** Who has acted last. */
  readonly last: Who | null;
  /** How often somebody may still be interrupted by somebody else. */
  readonly freedom: number;
}

/**
 * @param preemptions how often a schedule may leave somebody who could go on: a bound that keeps a search small and
 * finds nearly everything early (Musuvathi and Qadeer, PLDI 2007). More than any schedule has: every schedule.
 */
export function explore(system: System, preemptions = UNBOUNDED): Explored {
  const { scenario, bug } = system;
  const visited = new Visited();
  const path: Move[] = [];
  const excused: Record<string, number> = {};
  let transitions = 0;
  const start = startingState(scenario, system.memory);
  const frames: Frame[] = [
    { state: start, left: moves(start, scenario, bug), last: null, freedom: preemptions },
  ];
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const move = frame.left.pop();
    if (move === undefined) {
      frames.pop();
      path.pop();
      continue;
    }
    const freedom = frame.freedom - cost(frame, move);
    if (freedom < 0) continue;
    transitions++;
    const state = system.step(frame.state, move);
    const last = preemptions === UNBOUNDED ? null : (actorOf(move) ?? frame.last);
    if (!visited.enter([...fingerprint(state), actorNumber(last)], preemptions === UNBOUNDED ? 0 : freedom))
      continue;
    path.push(move);
    const what = verdict(state, system);
    const excuse = what === null ? null : excuseOf(what, path, start, system);
    if (excuse !== null) excused[excuse] = (excused[excuse] ?? 0) + 1;
    else if (what !== null) return { states: visited.size, transitions, finding: { what, path }, excused };
    frames.push({ state, left: moves(state, scenario, bug), last, freedom });
  }
  return { states: visited.size, transitions, finding: null, excused };
}

/** The name of the excuse for what is wrong at the end of a path, or null. */
function excuseOf(what: string, path: readonly Move[], start: State, system: System): string | null {
  const events: Event[] = [];
  let before = start;
  const log = (move: Move, after: State) => {
    events.push({ before, move, after });
    before = after;
  };
  for (const move of path) log(move, system.step(before, move));
  if (wrong(before, system) === null) drain(before, system, log);
  return excuseFor(deedsOf(events), { what, world: before.world })?.name ?? null;
}

function cost({ state, last }: Frame, move: Move): number {
  const actor = actorOf(move);
  return last === null || actor === null || actor === last || runningOf(state, last) === null ? 0 : 1;
}

/** Who acts; null for what happens by itself. */
function actorOf(move: Move): Who | null {
  switch (move.kind) {
    case 'begin':
      return move.client;
    case 'call':
    case 'reconcile':
      return move.who;
    case 'backfill':
      return 'backfill';
    case 'verify':
      return 'verifier';
    default:
      return null;
  }
}

function actorNumber(who: Who | null): number {
  return typeof who === 'number' ? who : ACTORS.indexOf(who);
}

function verdict(state: State, system: System): string | null {
  const what = wrong(state, system);
  if (what !== null || !quiet(state, system)) return what;
  const rest = drain(state, system);
  return rest.kind === 'rest' ? null : rest.what;
}
