/** By what a failure of Oracle is known for one that somebody has made: no room, or no database. */
import { OperatorNeeded, StoreUnavailable } from '../failure.ts';
import { oraNumber } from './failure.ts';
import { meaningOf } from './meaning.ts';

/** No quota, no extent, no undo, no temporary space, no room for archived logs: see `codes.ts`. */
const NO_ROOM: ReadonlySet<number | null> = new Set([
  ...[257, 1536, 1562, 1628, 1631, 1632, 1650, 1652, 1653, 1654, 1658, 1659, 1680, 1683, 1688, 1691],
  ...[1692, 1693, 1694, 1950, 3233, 3234, 3238, 30032, 30036, 60003, 60004, 60006, 60009, 60010],
  ...[60019, 65114],
]);

/** The call has had no answer in its time: that alone says nothing of the session. */
const OUT_OF_TIME = /^NJS-(?:040|123)/;

/** @param error as a store throws it. */
export function hasNoRoom(error: unknown): boolean {
  return error instanceof OperatorNeeded && NO_ROOM.has(oraNumber(error.cause));
}

/** Whether a session was lost, or none is to be had, or the database takes no writes any more. @param error as a store throws it. */
export function hasLostSession(error: unknown): boolean {
  if (!(error instanceof StoreUnavailable) || !(error.cause instanceof Error)) return false;
  const { message } = error.cause;
  const kind = meaningOf(message)?.kind;
  return (kind === 'lost' || kind === 'standby') && !OUT_OF_TIME.test(message);
}
