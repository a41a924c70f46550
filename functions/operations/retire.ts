/** The operation `retire`: ends the migration of a collection for good. */
import type { Controller } from '../control/controller.ts';
import type { Caller } from './caller.ts';
import type { OperationOf } from './request.ts';

export interface RetirePorts {
  readonly control: Pick<Controller, 'retire'>;
  /** The name of the table of a collection. */
  tableOf(collection: string): string;
}

/** What was done is entered; where the claim is made and the entry is not, the claim says it. */
export async function retire(
  { collection, why, confirm }: OperationOf<'retire'>,
  { actor, enter }: Caller,
  { control, tableOf }: RetirePorts,
) {
  const retired = await control.retire(collection, confirm ? { by: actor.slice(0, 200), why } : null);
  if (retired.moved !== null) await enter(`${collection}: retired`, why);
  return { ...retired, table: tableOf(collection) };
}
