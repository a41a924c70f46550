/** The share of the keys that is a phase ahead, as people read it. */
import type { EffectivePhase } from '../../../functions/phases/effective_phase.ts';
import { aheadOf, shareOf } from '../../../functions/phases/ramp.ts';
import type { Phase } from '../../../functions/protocol/phase.ts';
import { instant } from './time.ts';

/** Nothing where all keys are in one phase; functions of the version before tell nothing of it. */
export function rampLine(effective: Pick<EffectivePhase, 'phase' | 'ramp'>): string[] {
  const [share, ahead] = [shareOf(effective), aheadOf(effective.phase)];
  if (share === 0 || effective.ramp === undefined) return [];
  return [`  ramp     ${share} % of the keys are in ${ahead}, since ${instant(effective.ramp.since)}`];
}

/** Behind the line that a store is away, without which the other keys are written; empty where no key is ahead of `expand`. */
export function neededText({
  collection,
  effective,
}: {
  readonly collection: string;
  readonly effective: Pick<EffectivePhase, 'phase' | 'ramp'>;
}): string {
  const share = shareOf(effective);
  if (share === 0 || effective.phase !== 'expand') return '';
  const back = `npx crossfade set expand --collection ${collection} takes them back`;
  return `. The ${share} % of the keys in ${aheadOf(effective.phase)} need both stores: ${back}`;
}

/** What comes next. @param share of a step of a ramp; functions of the version before tell none. */
export function stepText(to: Phase, share: number | undefined): string {
  if (share === undefined) return to;
  return share === 0 ? `${to} again, for all keys` : `${to}, for ${share} % of the keys`;
}
