/** Documents whose time is up. */
import type { OracleState } from '../../functions/protocol/state.ts';
import { writtenAs, writtenIn } from './documents.ts';
import type { Memory } from './memory.ts';
import type { State } from './state.ts';
import { type Side, unexpired, type World } from './world.ts';

/** The time of a document is up, in the stores and for those who look at them. */
export function expiring(state: State, digest: string, memory: Memory): State {
  const world = memory.world(expire(state.world, digest));
  const { register } = state;
  const value = writtenAs(digest);
  // Where a store holds it with a later expiry, whoever looks may see it yet.
  const everywhere = world.expired.includes(digest) && !isHeld(world, value);
  return { ...state, world, register: everywhere ? register.expire(value) : register.fade(value) };
}

/**
 * The time of a document is up: Couchbase keeps nothing of it, Oracle its version. Where one clock is ahead, this happens in its store
 * first, and in the other one the next time.
 */
export function expire(world: World, digest: string): World {
  if (world.ahead === null || world.early.includes(digest))
    return left({ ...world, expired: world.expired + digest });
  return left({ ...world, early: world.early + digest });
}

function isHeld({ content, row, replica, older }: World, value: string): boolean {
  return [content, row.content, replica?.content, older?.content].some(
    (each) => each !== undefined && writtenIn(each) === value,
  );
}

/** Documents whose time is up in one store alone. */
export function halfExpired({ early, expired }: World): string[] {
  return [...early].filter((digest) => !expired.includes(digest));
}

/** What both stores have once the time of some documents is up. */
function left(world: World): World {
  const { row, older, replica } = world;
  // The deletion that an expiry is has a CAS of its own.
  const clock = lapses(world, world) ? world.clock + 1n : world.clock;
  const inOracle = (of: OracleState) => ({ ...of, content: unexpired(world, of.content, 'oracle') });
  return {
    ...world,
    clock,
    ...lapsed(world, world, clock),
    row: inOracle(row),
    replica: replica === null ? null : lapsed(world, replica, clock),
    older: older === null ? null : inOracle(older),
  };
}

/** A node's side once the time of its document is up: what remains is a tombstone. */
function lapsed(next: World, side: Side, clock: bigint): Side {
  const { content, cas, xattr, gone } = side;
  if (!lapses(next, side)) return { content, cas, xattr, gone };
  return { content: null, cas: 0n, xattr: null, gone: next.replica === null ? 0n : clock };
}

function lapses(next: World, { content }: Side): boolean {
  return content !== null && unexpired(next, content, 'couchbase') === null;
}
