/** What moves wait for beside their gates, as people read it. */
import { isReady, waitText } from '../../../functions/control/hold.ts';
import type { Seen } from '../../../functions/control/seen.ts';
import type { Committed, Held } from '../../../functions/operations/hold.ts';
import { instant } from './time.ts';

/** Of a move that waits for an operator or a window alone; none for any other. */
export function readyLines({ decision }: Pick<Seen, 'decision'>): string[] {
  if (decision.kind !== 'wait' || !isReady(decision.conditions)) return [];
  return [`  READY    for ${decision.to}; ${waitText(decision.conditions)}`];
}

export function heldLines({ collection, hold, audited, because }: Held): string[] {
  return [
    hold === null
      ? `No operator holds ${collection} any more: what the configuration says counts.`
      : `Held: moves of ${collection} into ${hold.before.join(' and ')} wait for npx crossfade commit ${collection}.`,
    `A look of the controller that has begun may still make a move: npx crossfade status ${collection}`,
    ...(audited ? [] : [`The audit log has no entry of it: ${because}`]),
  ];
}

export function committedLines({ collection, from, to, commit }: Committed): string[] {
  const end = commit.until === null ? '' : `, if that is before ${instant(commit.until)}`;
  return [
    `Committed: ${collection} moves from ${from} to ${to} as soon as all that the move needs holds${end}.`,
    `What it waits for: npx crossfade status ${collection}`,
  ];
}
