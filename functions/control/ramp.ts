/**
 * The ramp of a collection: a share of its keys goes a phase ahead, and a greater one, step by step, before the others follow. Each step waits for the gate of the whole move, and for the
 * minutes of the step before. A step back waits for its bake alone, and so does the move back of all keys, until the next phase: see "A ramp" in `protocol/README.md`.
 */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { aheadOf, shareOf } from '../phases/ramp.ts';
import { PHASES, type Phase } from '../protocol/phase.ts';
import type { Condition } from './condition.ts';
import type { Move } from './publish.ts';

/** As configured. */
export interface RampStep {
  /** Of the keys; 100 is the last one: the move of all. */
  readonly percent: number;
  /** For how long it lasts at the least, from the end of its bake on. */
  readonly minutes: number;
}

/** In their order; none: all keys go at once. */
export type RampSteps = readonly RampStep[];

const MINUTE = 60_000;

/** When the last change of the phase or of its share was published, in milliseconds since the epoch: bakes begin then. */
export function changedAt({ since, ramp }: Pick<EffectivePhase, 'since' | 'ramp'>): number {
  // While a claim is left, the phase begins later than its parameter says.
  return Math.max(since, ramp?.since ?? since);
}

/** Whether a share of the keys has to come back before anything else: the flags want no more than the phase that the others are in. */
export function isShareBack(effective: EffectivePhase, wanted: Phase): boolean {
  return shareOf(effective) > 0 && PHASES.indexOf(wanted) <= PHASES.indexOf(effective.phase);
}

/** The share that the next step sets, in percent; null where the next move is one of all keys. @param to where that leads. */
export function nextShare(effective: EffectivePhase, to: Phase, steps: RampSteps): number | null {
  if (aheadOf(effective.phase) !== to) return null;
  const share = shareOf(effective);
  return steps.find(({ percent }) => percent > share && percent < 100)?.percent ?? null;
}

interface Decided {
  readonly phase: Phase;
  readonly to: Phase;
  readonly share?: number;
}

/** What is claimed of a move that was decided, with the mark that it leaves. That of all keys leaves one where it is the last step of a ramp. */
export function decidedMove({ phase, to, share }: Decided, effective: EffectivePhase, steps: RampSteps = []) {
  const stay = effective.since;
  if (share !== undefined) return { from: phase, to: phase, share, ramp: { percent: share, stay } };
  const isLast = steps.length > 0 && aheadOf(phase) === to;
  return { from: phase, to, ramp: isLast ? { percent: 100, stay } : null };
}

/** As the audit log has it. */
export function movedText({ from, to, share }: Pick<Move, 'from' | 'to' | 'share'>): string {
  if (share === undefined) return `phase ${from} to ${to}`;
  const ahead = aheadOf(from) ?? from;
  return share === 0
    ? `phase ${from} again for all keys, none in ${ahead}`
    : `phase ${from}, with ${share} % of the keys in ${ahead}`;
}

/** What a move forward waits for: that the present share has lasted for its minutes. Nothing without a ramp. */
export function rampCondition(
  effective: EffectivePhase,
  to: Phase,
  steps: RampSteps,
  times: Times,
): Condition[] {
  const { phase, ramp } = effective;
  const isForward = PHASES.indexOf(to) > PHASES.indexOf(phase);
  const isRamped = aheadOf(phase) === to;
  if (steps.length === 0 || !isForward || (!isRamped && ramp?.percent !== 100)) return [];
  const begun = ramp === undefined || ramp.percent === 0 ? null : ramp;
  const minutes = begun === null ? 0 : minutesOf(begun.percent, steps);
  const over = changedAt(effective) + times.bake + minutes * MINUTE;
  const next = isRamped ? `; then ${nextText(effective, to, steps)}` : '';
  const now = begun === null ? 'no key is ahead' : `${begun.percent} % of the keys, for ${minutes} min`;
  const holds = begun === null || times.now >= over;
  const until = holds ? '' : `, until ${new Date(over).toISOString()}`;
  return [{ kind: 'ramp', name: 'ramp', holds, measured: `${now}${until}${next}`, lets: true }];
}

type Times = { readonly now: number; readonly bake: number };

/** Of a step that is configured no more: those of the one that comes next. */
function minutesOf(percent: number, steps: RampSteps): number {
  return steps.find((step) => step.percent >= percent)?.minutes ?? 0;
}

function nextText(effective: EffectivePhase, to: Phase, steps: RampSteps): string {
  const shares = steps.filter(({ percent }) => percent > shareOf(effective) && percent < 100);
  return [...shares.map(({ percent }) => `${percent} %`), `all of them in ${to}`].join(', ');
}
