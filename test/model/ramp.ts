/**
 * A share of the keys acts a phase ahead, for as long as operators like. Seen from one key, that is the window of a move whose bake does not end: some act on the one
 * phase and some on the other, workers and functions that know nothing of the share included. New is that the window may turn round, again and again, and that no
 * evidence is gathered for that: the gate that was passed at its beginning has proven what both phases need, and both of them keep it.
 */
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Rules, Scenario } from './scenario.ts';
import type { State } from './state.ts';

/** The phases between which there may be a ramp. */
export type Ramp = 'expand seal' | 'seal switch';

const RAMPS: Readonly<Record<string, Ramp>> = {
  'expand seal': 'expand seal',
  'seal expand': 'expand seal',
  'seal switch': 'seal switch',
  'switch seal': 'seal switch',
};

/** Moves between the phases of a ramp that have a gate of their own. `seal` → `expand` has none, and proves nothing. */
const GATED: ReadonlySet<string> = new Set(['expand seal', 'seal switch', 'switch seal']);

/** Whether both phases of a ramp are acted on, for however long. */
export function isMixed({ phase, stale, proven }: State, { ramp }: Scenario): boolean {
  return ramp === true && stale !== null && proven !== null && RAMPS[`${stale} ${phase}`] === proven;
}

/** Whether the next move only changes the share: to the other phase of the ramp, without evidence, and whether or not a bake is over. */
export function mayTurn(state: State, { ramp, walk }: Scenario, rules: Rules): boolean {
  const { phase, stale, walked, proven } = state;
  const next = walk[walked];
  const wanted = RAMPS[`${phase} ${next}`];
  if (ramp !== true || wanted === undefined || (stale !== null && stale !== next)) return false;
  return proven === wanted || (rules.rampUnproven === true && phase === 'switch');
}

/** Whether the next move may leave both phases although somebody may still act on the one before: never, unless a bug is seeded. */
export function mayLeaveMixed(state: State, scenario: Scenario, { rampUnbaked }: Rules): boolean {
  return rampUnbaked === true && isMixed(state, scenario);
}

/** The ramp whose evidence is there after a move. @param held whether the gate of the move was passed. */
export function provenBy(
  { phase, proven }: State,
  next: Phase,
  held: boolean,
  { ramp }: Scenario,
  { rampProofKept }: Rules,
): Ramp | null {
  if (ramp !== true) return null;
  const entered = RAMPS[`${phase} ${next}`] ?? null;
  if (held && entered !== null && (GATED.has(`${phase} ${next}`) || proven === entered)) return entered;
  return rampProofKept === true ? proven : null;
}
