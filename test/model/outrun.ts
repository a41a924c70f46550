/** A read that is not answered, since the key changes faster than it can look. */
import { acts, between, isWriteOfClient } from './deed_queries.ts';
import type { Deed } from './deeds.ts';

/** Changes of a key that a read gets over; it has twice as many attempts, and each change may take it two. */
const CHANGES = 4;

/**
 * Whether a read of `seal`, of a key that a forced move has left handed off, is not answered since clients of `expand`, whose bake is not over,
 * write the key again and again meanwhile.
 */
export function isOutrun(deeds: readonly Deed[], what: string): boolean {
  const last = deeds.at(-1);
  if (what !== 'no answer, though nothing had failed' || last?.kind !== 'act') return false;
  const { bit, phase, phases, after } = last;
  const begun = deeds.find((deed) => deed.kind === 'begun' && deed.bit === bit);
  const beside = phase === 'seal' && phases.includes('expand') && after.row.handoff !== null;
  if (!beside || begun === undefined) return false;
  const meanwhile = between(deeds, begun);
  const written = meanwhile.filter(
    (deed) => deed.kind === 'act' && deed.phase === 'expand' && deed.bit !== bit && isWriteOfClient(deed),
  );
  return written.length >= CHANGES && !acts(meanwhile, 'oracle.write').some((act) => act.bit === bit);
}
