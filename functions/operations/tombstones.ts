/** The operation `tombstones`: which tombstones may be dropped. The owner of the tables drops them, since the functions may delete nothing. */
import { droppable } from '../control/droppable.ts';
import type { About } from './about.ts';
import type { Caller } from './caller.ts';
import type { OverviewPorts } from './overview.ts';
import type { OperationOf } from './request.ts';

export interface TombstonePorts {
  readonly overview: Pick<OverviewPorts, 'look'>;
  about(): Pick<About, 'bake'>;
  /** The name of the table of a collection. */
  tableOf(collection: string): string;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** With `confirm` it is entered that they are being dropped, before they are. */
export async function tombstones(
  { collection, why, confirm, life }: OperationOf<'tombstones'>,
  { enter }: Pick<Caller, 'enter'>,
  { overview, about, tableOf, now }: TombstonePorts,
) {
  const seen = (await overview.look()).find((each) => each.collection === collection);
  const bounds =
    seen === undefined
      ? { refused: `${collection} could not be looked at: see npx crossfade status` }
      : droppable(seen.effective, seen.evidence, { now: now(), bake: about().bake }, life);
  if (confirm && !('refused' in bounds)) await enter(`${collection}: tombstones dropped`, why);
  return { ...bounds, phase: seen?.effective.phase ?? null, table: tableOf(collection) };
}
