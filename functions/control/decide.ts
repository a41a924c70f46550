/** Which move is next, towards what operators want, and what it waits for. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { ForcedMove } from '../phases/forced_mark.ts';
import { type Flags, nextPhase, type Phase, wantedPhase } from '../protocol/phase.ts';
import { bakeOf, type Condition, conditionsOf, isFree, type Times, type Wanted } from './conditions.ts';
import type { Evidence, Missing } from './evidence.ts';
import { unhealed } from './forced.ts';
import { isShareBack, nextShare, type RampSteps, rampCondition } from './ramp.ts';

/** What is told of whoever wants to go back from there. */
const RETIRED =
  'It has been retired: Couchbase is not kept, so there is no way back. Set the flags to what contract is.';

/** Seconds until it is worth looking again: where a move is under way, and where a flag has changed, which a read that comes at once may not find yet. */
const [SOON, SETTLED] = [20, 5];

export type Decision =
  | { readonly kind: 'arrived'; readonly phase: Phase }
  /** The flags ask for nothing that could be: the phase stays. */
  | { readonly kind: 'refused'; readonly phase: Phase; readonly reason: string }
  | {
      readonly kind: 'move' | 'wait';
      readonly phase: Phase;
      readonly wanted: Phase;
      readonly to: Phase;
      /** Percent of the keys that are to be a phase ahead: the step of a ramp, in which the collection stays in its phase. Missing for a move of all keys. */
      readonly share?: number;
      readonly conditions: readonly Condition[];
      /** Forced moves that nothing is known to have healed: the move carries them over. */
      readonly forced: readonly ForcedMove[];
    };

/** What a move waits for beside its gate, and the steps of the ramp that it may be. */
export interface Beside {
  waits(to: Phase): readonly Condition[];
  readonly ramp?: RampSteps | undefined;
}

const NOTHING_BESIDE: Beside = { waits: () => [] };

/**
 * @param gather is asked for evidence only where a move depends on it.
 * @param whole whether all conditions are told while the bake is not over, for people who look: most of a wait is for the others.
 */
export async function decide(
  flags: Flags,
  effective: EffectivePhase,
  times: Times,
  gather: () => Promise<Evidence | Missing>,
  whole = false,
  { waits, ramp = [] }: Beside = NOTHING_BESIDE,
): Promise<Decision> {
  const { phase } = effective;
  const wanted = wantedPhase(flags);
  if ('refused' in wanted) return { kind: 'refused', phase, reason: wanted.refused };
  if (isShareBack(effective, wanted.phase)) return backToNone(effective, wanted.phase, times);
  if (wanted.phase === phase) return { kind: 'arrived', phase };
  if (effective.retired) return { kind: 'refused', phase, reason: RETIRED };
  const to = nextPhase(phase, wanted.phase);
  const bake = bakeOf(effective, times);
  const found = (bake.holds || whole) && !isFree(effective, to) ? await gather() : null;
  const forced = unhealed(effective.forced, found, times);
  const gate = found === null ? [] : othersIn(found, { ...effective, forced }, to, times);
  const conditions = [bake, ...gate, ...rampCondition(effective, to, ramp, times), ...waits(to)];
  const kind = conditions.every(({ holds }) => holds) ? 'move' : 'wait';
  const share = nextShare(effective, to, ramp);
  const step = share === null ? {} : { share };
  return { kind, phase, wanted: wanted.phase, to, ...step, conditions, forced };
}

/** No key stays ahead: neither store has to be asked for that. */
function backToNone(effective: EffectivePhase, wanted: Phase, times: Times): Decision {
  const { phase, forced = [] } = effective;
  const bake = bakeOf(effective, times);
  return {
    ...{ kind: bake.holds ? 'move' : 'wait', phase, wanted, to: phase, share: 0 },
    ...{ conditions: [bake], forced },
  };
}

/** The move that a force would make, or why it makes none. */
export function forceable(
  collection: string,
  flags: Flags,
  effective: EffectivePhase,
  times: Times,
): { readonly to: Phase } | { readonly refused: string } {
  const wanted = wantedPhase(flags);
  if ('refused' in wanted) return wanted;
  const { phase, retired } = effective;
  if (isShareBack(effective, wanted.phase))
    return {
      refused: `${collection} goes back by itself, its share of keys first: there is nothing to force`,
    };
  if (wanted.phase === phase)
    return { refused: `${collection} is in ${phase}, as the flags want it: there is nothing to force` };
  if (retired) return { refused: RETIRED };
  const { holds, measured } = bakeOf(effective, times);
  if (!holds) return { refused: `No force makes a bake shorter: ${measured}` };
  return { to: nextPhase(phase, wanted.phase) };
}

function othersIn(
  found: Evidence | Missing,
  effective: EffectivePhase,
  to: Phase,
  times: Times,
): Condition[] {
  if (!('missing' in found)) return [...identityOf(found), ...conditionsOf(effective, to, found, times)];
  // Who knows the move as one that needs no store is told why it does now.
  const why = isFree({ phase: effective.phase }, to)
    ? `. The move to ${to} needs the stores, since an earlier move was forced and nothing has healed it. Where the store stays away: npx crossfade force`
    : '';
  return [{ name: 'stores', holds: false, measured: `${found.missing}${why}` }];
}

/** Nothing where the stores are those that the collection was migrated with: then there is nothing to tell. */
function identityOf({ identities = [] }: Evidence): Condition[] {
  return identities.flatMap(({ problem }) =>
    problem === null ? [] : [{ name: 'identity', holds: false, measured: problem }],
  );
}

/**
 * For the state machine: whether all is well, and after how many seconds it is worth looking again.
 * @param changed whether the look was begun since a parameter has changed.
 */
export function summed(
  decisions: readonly (readonly [collection: string, decision: Decision])[],
  changed = false,
) {
  const reasons = decisions.flatMap(([collection, decision]) =>
    decision.kind === 'refused' ? [`${collection}: ${decision.reason}`] : [],
  );
  const under = decisions.some(([, { kind }]) => kind === 'move' || kind === 'wait');
  const rest = changed ? SETTLED : 0;
  return { refused: reasons.length > 0, reason: reasons.join(' '), wait: under ? SOON : rest };
}

/** The run that would help: that of the first condition that does not hold, since the next ones depend on it. */
export function helpful(conditions: readonly Condition[]): Wanted[] {
  // A verification that begins while receipts are still to be settled would only have to be done again.
  const blocked = conditions.some(({ holds, start, lets }) => !holds && start === undefined && !lets);
  const [first] = conditions.flatMap(({ start }) => start ?? []);
  return blocked || first === undefined ? [] : [first];
}
