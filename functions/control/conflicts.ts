/** Conflicts: what repairs have replaced since a store had forgotten something. While nobody has decided on them, no gate that wants proof opens. */
import type { Condition } from './condition.ts';
import type { CollectionEvidence } from './evidence.ts';

/**
 * The condition that somebody has decided on each conflict, whenever it came; none where there is no conflict. The stores agree, so a
 * verification finds nothing, although an acknowledged write may be gone: only a person knows. It holds up the moves that a verification
 * holds up, and no others: those that bring a service back to work with one store stay free, and a copy-back loses no entry. It locks no
 * way for ever: one command keeps all entries as they are, and where Oracle is away, which has the entries, only `force` moves anyway.
 */
export function conflictsOf({ name, conflicts = 0 }: CollectionEvidence): Condition[] {
  if (conflicts === 0) return [];
  const measured = `${conflicts} contents were replaced since a store had forgotten something, and nobody has decided on them`;
  // A verification may find more of them, so none waits for a decision.
  return [
    {
      ...{ name: 'conflicts', holds: false, lets: true, measured },
      command: `npx crossfade set-aside list ${name} --open`,
    },
  ];
}
