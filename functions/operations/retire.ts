/** The operation `retire`: ends the migration of a collection for good. */
import type { Controller } from '../control/controller.ts';
import { requireSame } from '../control/move_refused.ts';
import { requireAll } from '../control/retire.ts';
import type { Caller } from './caller.ts';
import { ask, askedBy, confirmable, type FourEyesPorts } from './four_eyes.ts';
import { shownActor } from './person.ts';
import type { OperationOf } from './request.ts';

export interface RetirePorts extends FourEyesPorts {
  readonly control: Pick<Controller, 'retire'>;
  /** The name of the table of a collection. */
  tableOf(collection: string): string;
}

/**
 * That it was asked for, or confirmed, is entered before, and what was done after it. Nothing is entered of what is only told, or refused. Where two are
 * needed for it, it is only asked for.
 */
export async function retire(
  { collection, why, confirm }: OperationOf<'retire'>,
  caller: Caller,
  { control, tableOf, fourEyes, desk }: RetirePorts,
) {
  const table = tableOf(collection);
  const { actor, enter } = caller;
  const { conditions, planned } = await control.retire(collection, null);
  if (!confirm) return { conditions, moved: null, table };
  if (fourEyes.includes('retire')) {
    if (planned === null) return { conditions, moved: null, table };
    requireAll(conditions);
    const asked = await ask('retire', collection, planned, caller, why, desk(collection));
    await enter(`${collection}: retirement asked`, `${asked.id}: ${why}`);
    return { conditions, moved: null, asked, table };
  }
  // Before it is done: what has no entry has not happened.
  if (conditions.every(({ holds }) => holds)) await enter(`${collection}: retirement asked`, why);
  const retired = await control.retire(collection, { by: shownActor(actor), why });
  if (retired.moved !== null) await enter(`${collection}: retired`, why);
  return { conditions: retired.conditions, moved: retired.moved, table };
}

/** Retires what another operator has asked for. With `look` it tells the request, and what speaks against it. */
export async function confirmRetire(
  operation: OperationOf<'retire-confirm'>,
  { actor, enter }: Caller,
  { control, tableOf, desk }: RetirePorts,
) {
  const { collection, look } = operation;
  const { version, ...asked } = await confirmable('retire', operation, actor, desk(collection));
  const why = askedBy(asked);
  const planned = { from: asked.from, to: asked.to, version };
  if (!look) {
    const told = await control.retire(collection, null);
    if (told.planned !== null) requireSame(planned, told.planned);
    if (told.conditions.every(({ holds }) => holds)) await enter(`${collection}: retirement confirmed`, why);
  }
  const done = look ? null : { by: shownActor(actor), why, asked: planned };
  const { conditions, moved } = await control.retire(collection, done);
  if (moved !== null) await enter(`${collection}: retired`, why);
  return { conditions, moved, asked, table: tableOf(collection) };
}
