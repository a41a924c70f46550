/** An operation that is not answered, since its key changes faster than it can give it back. */
import { acts, between, isWriteOfClient } from './deed_queries.ts';
import type { Act, Deed } from './deeds.ts';

/** Changes of a key that an operation gets over; it has twice as many attempts, and each change may take it two. */
const CHANGES = 4;
/** How many of them clients must have made: repairs alone come to an end. */
const WRITES = 2;

/**
 * Whether an operation of `seal`, of a key that a forced move has left handed off, is not answered since clients of `expand`, whose bake is not over,
 * and the repairs that follow them, change the key again and again meanwhile: `seal` gives it back with what Oracle holds, and `expand` takes it
 * back with what Couchbase holds.
 */
export function isOutrun(deeds: readonly Deed[], what: string): boolean {
  const last = deeds.at(-1);
  if (what !== 'no answer, though nothing had failed' || last?.kind !== 'act') return false;
  const { bit, phase, phases } = last;
  const begun = deeds.find((deed) => deed.kind === 'begun' && deed.bit === bit);
  if (phase !== 'seal' || !phases.includes('expand') || begun === undefined) return false;
  const meanwhile = between(deeds, begun);
  const [own, changes] = [[] as Act[], [] as Act[]];
  for (const deed of meanwhile)
    if (deed.kind === 'act') {
      if (deed.bit === bit) own.push(deed);
      else if (deed.phase === 'expand' && isChange(deed)) changes.push(deed);
    }
  const handedOff = own.some(({ before }) => before.row.handoff !== null);
  const outrun = changes.length >= CHANGES && changes.filter(isWriteOfClient).length >= WRITES;
  return handedOff && outrun && !acts(own, 'oracle.write').length;
}

function isChange({ before, after }: Act): boolean {
  return before.cas !== after.cas || before.row !== after.row;
}
