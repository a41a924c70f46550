/** Clients that live as long as the way is that the phases go. */
import type { Phase } from '../../functions/protocol/phase.ts';
import { type Random, TASKS } from './draw.ts';
import { SANE_CLOCK, type Scenario, startsOf, type Task } from './scenario.ts';

/** The first is where a walk begins. */
export type Way = readonly [Phase, ...Phase[]];

export const READ: Task = { kind: 'read', condition: 'none' };

/** Clients live as long as the walk is, else force strikes nobody. */
export function longClients(random: Random): Task[][] {
  // Where nobody writes, what was there before a forced move has to be there after it.
  if (random(6) === 0) return [[READ, READ, READ], [READ]];
  return Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 3 + random(2) }, () => TASKS[random(TASKS.length)] as Task),
  );
}

export function startOf(phase: Phase, random: Random): Pick<Scenario, 'start'> {
  const starts = startsOf(phase);
  return { start: starts[random(starts.length)] as Scenario['start'] };
}

export function lasting(phase: Phase, walk: readonly Phase[], random: Random): Partial<Scenario> {
  return { phase, walk, clients: longClients(random), clock: SANE_CLOCK, ...startOf(phase, random) };
}

/** Whoever leaves no attribute and gives another expiry, too, is never at rest. */
export const OTHER_HANDS: readonly Pick<Scenario, 'hand' | 'maxTtls'>[] = [
  { hand: { drops: false, expiry: 'kept' } },
  { hand: { drops: false, expiry: 'other' } },
  { hand: { drops: true, expiry: 'kept' } },
  { hand: { drops: false, expiry: 'other' }, maxTtls: [1] },
  { hand: { drops: false, expiry: 'kept' }, maxTtls: [0, 2, 1] },
  { maxTtls: [1] },
  { maxTtls: [0, 1] },
  { maxTtls: [2, 1, 0] },
];
