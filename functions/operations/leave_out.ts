/** Leaves out whatever Oracle can never take of a caller, or of keys that begin in some way, from now on; or undoes that. */
import type { Choice } from '../books/left_out.ts';
import type { Caller } from './caller.ts';
import type { LetterPorts } from './dead_letters.ts';
import { BadOperation, type OperationOf } from './request.ts';

export interface ChoiceMade extends Choice {
  /** False where it was so already. */
  readonly changed: boolean;
}

/** Letters that are open stay so: `discard` closes them. Throws `BadOperation` where it does not say of whom, or says both. */
export async function leaveOut(
  { collection, caller: of, prefix, undo, why }: OperationOf<'leave-out'>,
  caller: Caller,
  ports: Pick<LetterPorts, 'choose'>,
): Promise<ChoiceMade> {
  if ((of === undefined) === (prefix === undefined))
    throw new BadOperation('Say whose documents: of one caller, or of the keys with one prefix');
  const choice: Choice =
    of === undefined ? { of: 'prefix', subject: prefix ?? '' } : { of: 'caller', subject: of };
  // Before it is done: what has no entry has not happened.
  await caller.enter(
    undo ? 'dead-letters leave-out, undone' : 'dead-letters leave-out',
    JSON.stringify({ collection, ...choice, why }),
  );
  return { ...choice, changed: await ports.choose(collection, choice, !undo) };
}
