/** Which move is next, towards what operators want, and what it waits for. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { type Flags, nextPhase, type Phase, wantedPhase } from '../protocol/phase.ts';
import { bakeOf, type Condition, conditionsOf, type Times, type Wanted } from './conditions.ts';
import type { Evidence } from './evidence.ts';

export type Decision =
  | { readonly kind: 'arrived'; readonly phase: Phase }
  /** The flags ask for nothing that could be: the phase stays. */
  | { readonly kind: 'refused'; readonly phase: Phase; readonly reason: string }
  | {
      readonly kind: 'move' | 'wait';
      readonly phase: Phase;
      readonly wanted: Phase;
      readonly to: Phase;
      readonly conditions: readonly Condition[];
    };

/** @param gather is asked for evidence only where a move depends on it. */
export async function decide(
  flags: Flags,
  effective: EffectivePhase,
  times: Times,
  gather: () => Promise<Evidence>,
): Promise<Decision> {
  const { phase } = effective;
  const wanted = wantedPhase(flags);
  if ('refused' in wanted) return { kind: 'refused', phase, reason: wanted.refused };
  if (wanted.phase === phase) return { kind: 'arrived', phase };
  const to = nextPhase(phase, wanted.phase);
  const bake = bakeOf(effective, times);
  const others = bake.holds ? conditionsOf(effective, to, await gather(), times) : [];
  const conditions = [bake, ...others];
  const kind = conditions.every(({ holds }) => holds) ? 'move' : 'wait';
  return { kind, phase, wanted: wanted.phase, to, conditions };
}

/** Runs that would help: one of each kind a collection, the first of its conditions that does not hold. */
export function helpful(conditions: readonly Condition[]): Wanted[] {
  // A verification that begins while receipts are still to be settled would only have to be done again.
  const blocked = conditions.some(({ holds, start }) => !holds && start === undefined);
  return blocked ? [] : conditions.flatMap(({ start }) => start ?? []);
}
