/** The operation `tombstones`: which tombstones may be dropped. The owner of the tables drops them, since the functions may delete nothing. */
import { droppable } from '../control/droppable.ts';
import type { About } from './about.ts';
import type { Caller } from './caller.ts';
import type { OverviewPorts } from './overview.ts';
import type { OperationOf } from './request.ts';
import type { SqlChangePorts } from './sql_changes.ts';

export interface TombstonePorts {
  readonly overview: Pick<OverviewPorts, 'look'>;
  about(): Pick<About, 'bake'>;
  /** The name of the table of a collection. */
  tableOf(collection: string): string;
  /** Milliseconds since the epoch. */
  now(): number;
  sqlChanges(collection: string): Pick<SqlChangePorts, 'count'>;
}

/**
 * A key whose row was deleted by SQL, and that a client has written since, looks like one that Oracle has created. The decision about it tells that Couchbase
 * may hold it.
 */
function unsureText(collection: string, undecided: number): string | null {
  if (undecided === 0) return null;
  return `${undecided} rows were changed by SQL, and nobody has decided on them: npx crossfade sql-changes list ${collection}`;
}

/** With `confirm` it is entered that they are being dropped, before they are. */
export async function tombstones(
  { collection, why, confirm, life }: OperationOf<'tombstones'>,
  { enter }: Pick<Caller, 'enter'>,
  { overview, about, tableOf, now, sqlChanges }: TombstonePorts,
) {
  const unsure = unsureText(collection, await sqlChanges(collection).count({}));
  const seen = (await overview.look()).find((each) => each.collection === collection);
  const bounds =
    seen === undefined
      ? { refused: `${collection} could not be looked at: see npx crossfade status` }
      : droppable(seen.effective, seen.evidence, { now: now(), bake: about().bake }, life, unsure);
  if (confirm && !('refused' in bounds)) await enter(`${collection}: tombstones dropped`, why);
  return { ...bounds, phase: seen?.effective.phase ?? null, table: tableOf(collection) };
}
