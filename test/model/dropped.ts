/** Tombstones that are dropped when their life is over: what shows that nothing can need one, and what is left of it. */
import { NO_ROW } from '../../functions/protocol/state.ts';
import type { Memory } from './memory.ts';
import type { Move } from './move.ts';
import type { Rules, Scenario } from './scenario.ts';
import { atWork, type State } from './state.ts';

/** A month goes by, and Couchbase's clock with it. */
const MONTH = 1000n;
/** Versions below it were counted, as those of functions of the version before: between them and those of a clock there is a gap. */
const COUNTED = 1000n;
/** What the deletion of a key leaves that never was. */
const NEVER = 1n;

export function known(before: State, move: Move, after: State): State {
  let { looked, agreed, born } = before.known;
  const alone = before.stale === null && isQuiet(before);
  if (move.kind === 'verify') looked = alone && before.phase === 'settle' ? before.world.row.version : 0n;
  if (after.verified && !before.verified) agreed = looked;
  if (before.world.row.version === 0n && after.world.row.version !== 0n)
    born = before.phase === 'contract' && before.stale === null ? before.walked : -1;
  const same = looked === before.known.looked && agreed === before.known.agreed && born === before.known.born;
  return same ? after : { ...after, known: { looked, agreed, born } };
}

/** Whether nothing can need the tombstone any more. Its life is longer than whatever was at work when it was made. */
export function mayDrop(state: State, { drops = false }: Scenario, rules: Rules): boolean {
  const { row } = state.world;
  if (!drops || row.content !== null || row.version === 0n) return false;
  // `stores/oracle/tombstones.ts` keeps it.
  if (row.version < COUNTED && row.version !== NEVER && rules.noLeastVersion !== true) return false;
  if (!isQuiet(state) && rules.noLife !== true) return false;
  if (rules.noAgreement === true) return true;
  // Where Oracle has ordered the key before, a copy of then may have come late to Couchbase.
  if (row.handoff === null && (row.handback === 0n || rules.noAgreementHandedBack === true)) return true;
  if (state.phase !== 'settle' && state.phase !== 'contract') return false;
  const created = state.phase === 'contract' && row.handoff === 0n && state.known.born === state.walked;
  return row.version === state.known.agreed || created;
}

export function drop(state: State, memory: Memory): State {
  const world = memory.world({ ...state.world, row: NO_ROW, clock: state.world.clock + MONTH });
  return { ...state, world };
}

function isQuiet(state: State): boolean {
  return atWork(state).length === 0 && state.receipts.length === 0;
}
