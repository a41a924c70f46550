/** The way of a rehearsal: through all phases, and back. */
import { PHASES, type Phase } from '../protocol/phase.ts';

/** There and back. */
export const WAY: readonly Phase[] = [...PHASES.slice(1), ...[...PHASES].reverse().slice(1)];

/** @param moves that were made. */
export function phaseAt(moves: number): Phase {
  return WAY[moves - 1] ?? 'legacy';
}

/** As a message tells it. */
export function stayAt(moves: number): string {
  return moves >= PHASES.length ? `${phaseAt(moves)} on the way back` : phaseAt(moves);
}
