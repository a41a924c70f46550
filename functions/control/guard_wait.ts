/** A move forward waits until the phase was watched for long enough: what has hurt requests there is to be found before the next move, after which the way back is longer. */
import type { GuardNote, VerdictKind } from '../phases/guard_note.ts';
import { PHASES, type Phase } from '../protocol/phase.ts';
import type { Condition } from './condition.ts';
import { type GuardSettings, watchedUntil } from './guard.ts';

export interface GuardWait {
  readonly settings: GuardSettings;
  /** Milliseconds. */
  readonly bake: number;
  readonly note: GuardNote | null;
  /** Whether the flags are still as the guard has set them. */
  readonly turnedBack: boolean;
}

/**
 * To wait would bring nothing: nothing can be judged, or is, after a move back; or Couchbase itself is at fault, and the move may lead to where it is not needed; or the flags were set back, and an
 * operator has set them anew.
 */
const LIFTED: readonly VerdictKind[] = ['unread', 'before', 'back', 'couchbase', 'turned'];

/** Milliseconds after the flags were set back in which a read of SSM may still tell those of before: no move forward is made by them. */
const SETTLING = 60_000;

/** Nothing for a move back. @param move `since`: when the phase that it leaves began. @param now by the clock that phases begin by. */
export function guardWait(
  {
    from,
    to,
    version,
    since,
  }: { readonly from: Phase; readonly to: Phase; readonly version: number; readonly since: number },
  wait: GuardWait | null,
  now: number,
): Condition[] {
  if (wait === null || from === 'legacy' || PHASES.indexOf(to) < PHASES.indexOf(from)) return [];
  const { settings, bake, note } = wait;
  const until = watchedUntil(since, bake, settings);
  const own = note?.version === version ? note : null;
  const isSettling = own?.kind === 'turned' && now < own.at + SETTLING;
  const holds = !isSettling && (now >= until || (own !== null && LIFTED.includes(own.kind)));
  const found = own === null ? 'nothing was found so far' : `${own.kind}: ${own.told}`;
  const measured = holds ? found : `${from} is watched until ${new Date(until).toISOString()}; ${found}`;
  return [{ kind: 'guard', name: 'guard', holds, measured, lets: true }];
}
