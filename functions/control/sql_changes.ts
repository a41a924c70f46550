/** Rows that were changed by SQL, past the API. While nobody has decided on them, no gate opens that something could get lost behind. */
import type { Condition } from './condition.ts';
import type { CollectionEvidence } from './evidence.ts';

/**
 * The condition that somebody has decided on each of them, whenever it was changed; none where there is none. What SQL has changed is in Oracle alone until a
 * repair or a copy-back tells Couchbase, and a DELETE is undone by the next repair: whether that is wanted only a person knows. It holds up what a verification
 * or a copy-back holds up. The way from `contract` to `settle` stays free: nothing gets lost on it.
 */
export function sqlChangesOf({ name, sqlChanges = 0 }: CollectionEvidence): Condition[] {
  if (sqlChanges === 0) return [];
  const measured = `${sqlChanges} rows were changed by SQL past the API, and nobody has decided on them`;
  return [
    {
      ...{ name: 'changes by SQL', holds: false, lets: true, measured },
      command: `npx crossfade sql-changes list ${name}`,
    },
  ];
}
