/** Every schedule of one scenario: depth first, each state once. */
import { drain, quiet, wrong } from './drain.ts';
import { fingerprint } from './fingerprint.ts';
import { type Move, moves } from './move.ts';
import { type State, startingState } from './state.ts';
import type { System } from './step.ts';
import { Visited } from './visited.ts';

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** The shortest account of what went wrong, from the start. */
  readonly finding: { readonly what: string; readonly path: readonly Move[] } | null;
}

interface Frame {
  readonly state: State;
  readonly left: Move[];
}

export function explore(system: System): Explored {
  const start = startingState(system.scenario, system.memory);
  const visited = new Visited();
  visited.enter(fingerprint(start), 0);
  const frames: Frame[] = [{ state: start, left: moves(start, system.scenario, system.bug) }];
  const path: Move[] = [];
  let transitions = 0;
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const move = frame.left.pop();
    if (move === undefined) {
      frames.pop();
      path.pop();
      continue;
    }
    transitions++;
    const state = system.step(frame.state, move);
    if (!visited.enter(fingerprint(state), 0)) continue;
    path.push(move);
    const what = verdict(state, system);
    if (what !== null) return { states: visited.size, transitions, finding: { what, path } };
    frames.push({ state, left: moves(state, system.scenario, system.bug) });
  }
  return { states: visited.size, transitions, finding: null };
}

function verdict(state: State, system: System): string | null {
  const what = wrong(state);
  if (what !== null || !quiet(state, system)) return what;
  const rest = drain(state, system);
  return rest.kind === 'rest' ? null : rest.what;
}
