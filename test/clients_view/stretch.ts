/** A stretch of the way: a fault in a phase, calm seconds between two of them, or a move; and whose loss it is what is not answered in it. */
import { type Phase, ROUTES, type StoreName } from '../../functions/protocol/phase.ts';
import type { Patient } from '../soak/sickness.ts';

/**
 * `must`: clients may notice nothing, since what is sick is not needed, or nothing is. `needed`: a store that the phase cannot do without is away,
 * so requests fail by its contract. `own`: the processes that answer requests are themselves struck.
 */
export type Claim = 'must' | 'needed' | 'own';

export interface Stretch {
  readonly kind: 'calm' | 'fault' | 'move';
  /** Of a fault, or the move; empty for calm seconds. */
  readonly name: string;
  /** In which visit of a phase it is, as `expand` or `expand again`: calm seconds are those of the same visit. */
  readonly visit: string;
  readonly claim: Claim;
  /** Milliseconds on the clock of the tally: from its beginning, or from the first request that was sent in it, up to its end. */
  readonly from: number;
  readonly to: number;
  /** Requests, rows, documents or processes that the fault has struck; 0: it proves nothing. */
  readonly struck: number;
}

/** The stores without which a write or a read of the phase fails. */
export function neededIn(phase: Phase): readonly StoreName[] {
  const { first, second, acknowledge } = ROUTES[phase];
  return acknowledge === 'both' && second !== null ? [first, second] : [first];
}

/** @param patient what is sick; `workers`: processes that answer no requests. */
export function claimOf(phase: Phase, patient: Patient | 'workers'): Claim {
  if (patient === 'api') return 'own';
  if (patient === 'workers') return 'must';
  // A deletion leaves a marker there, which only its receipt removes.
  if (patient === 'queue') return ROUTES[phase].order === 'sealed' ? 'needed' : 'must';
  return neededIn(phase).includes(patient) ? 'needed' : 'must';
}
