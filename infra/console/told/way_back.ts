/** How fast the way back will be from where a move leads, as people read it before the move. */
import { type Evidence, lastVerification, type Missing } from '../../../functions/control/evidence.ts';
import { type Leg, wayBack } from '../../../functions/control/itinerary.ts';
import type { RampSteps } from '../../../functions/control/ramp.ts';
import { PHASES } from '../../../functions/protocol/phase.ts';

/** Nothing for a move that is one back itself. @param evidence tells how long a walk over all keys has taken. @param ramp that the move is made by. */
export function wayBackLine(
  collection: string,
  { from, to }: Pick<Leg, 'from' | 'to'>,
  evidence: Evidence | Missing,
  ramp: RampSteps = [],
): string[] {
  if (PHASES.indexOf(to) < PHASES.indexOf(from)) return [];
  const back = wayBack(collection, to, ramp.length > 0);
  const begin = `       back from ${to}:`;
  if (back.awaits.length === 0)
    return [`${begin} to ${back.to} as soon as the bake is over, without a store`];
  return [`${begin} to ${back.to} after ${back.awaits.join(', ')}${tookText(evidence)}`];
}

function tookText(evidence: Evidence | Missing): string {
  if ('missing' in evidence) return '';
  const last = lastVerification(evidence.collection.verifications ?? [], 'version');
  if (last === null) return '';
  const minutes = Math.max(1, Math.ceil((last.finished - last.started) / 60_000));
  return `; the last verification of all keys has taken ${minutes} min`;
}
