/** Seeded bugs of the ramp: what has to be proven before a share of the keys may act a phase ahead, or no longer. */
import type { SeededBug } from './bugs.ts';
import { ramp } from './ramp_focus.ts';

export const RAMP_BUGS: readonly SeededBug[] = [
  {
    name: 'ramp-unproven',
    what: 'a share of the keys goes back from switch to seal though none of them was given back',
    rules: { rampUnproven: true },
    focus: ramp,
  },
  {
    name: 'ramp-proof-kept',
    what: 'the evidence of one ramp counts for a later one, though the service has been elsewhere since',
    rules: { rampProofKept: true },
    focus: ramp,
  },
  {
    name: 'ramp-unbaked',
    what: 'the phases of a ramp are left while somebody may still act on either of them',
    rules: { rampUnbaked: true },
    focus: ramp,
  },
];
