/** A store that comes back with an earlier state than it has acknowledged. */
import type { Value } from '../../functions/certification/operation.ts';
import type { StoreName } from '../../functions/protocol/phase.ts';
import { writtenIn } from './documents.ts';
import type { Memory } from './memory.ts';
import { atWork, busyBits, held, over, type State } from './state.ts';
import { caughtUp, failover, fallback, type World } from './world.ts';

/** Bits below are clients'. Workers look again before they act, so nothing is excused for them. */
const FIRST_WORKER = 1 << 24;
const NOTHING = { value: null, version: 0n } as const;

/** What the store holds is safe from now on. */
export function safe(world: World, store: StoreName): World {
  return store === 'couchbase' ? caughtUp(world) : { ...world, older: world.row };
}

/**
 * The store forgets. Where it alone decides, or shares in it, what was acknowledged before is not counted on any more: the key holds
 * what either store holds now, or what is being written, until the next write. But what the other store still has must not go without
 * a trace.
 */
export function forget(state: State, store: StoreName, memory: Memory): State {
  const before = state.world;
  const world = memory.world(store === 'couchbase' ? failover(before) : fallback(before));
  const left = {
    ...state,
    world,
    failovers: state.failovers - (store === 'couchbase' ? 1 : 0),
    fallbacks: state.fallbacks - (store === 'oracle' ? 1 : 0),
    verified: false,
    unwitnessed: true,
    // Oracle counts the versions that it has lost once more: an ETag of before says nothing any more.
    clients:
      store === 'oracle' ? state.clients.map((client) => ({ ...client, seen: NOTHING })) : state.clients,
    struck: state.struck + (held(before).join() === held(world).join() ? 0 : 1),
  };
  if (!decides(store, state)) return left;
  const crossing = busyBits(state) & (FIRST_WORKER - 1);
  const { values, undecided } = state.register.possible;
  // What survived with an expiry may leave a tombstone above what was lost before a repair looks: nothing tells it from a deletion.
  const mortal = store === 'couchbase' && world.content?.expiresAt != null;
  const certain = undecided || mortal || values.length !== 1 ? [] : values;
  const lost = certain.filter((value) => value !== null && held(world).includes(value)) as string[];
  // A repair may be about to remove a marker that has come back. What was put over it is set aside then.
  const removed = world.content === null && busyBits(state) >= FIRST_WORKER;
  const kept = certain.filter(
    (value) => value === writtenIn(world.row.content) && !mayComeBack(value, state),
  );
  return crossed({
    ...left,
    ...{ crossing, excused: crossing !== 0 },
    owed: [...new Set([...state.owed, ...lost])],
    due: store === 'couchbase' && isTold(world) && !removed ? kept : [],
    register: fluid(left),
  });
}

/**
 * Whether nothing but a tombstone in Oracle agrees with a deletion that Couchbase has forgotten, together with a write before it that Oracle never
 * had: 1. Oracle has a tombstone. 2. `legacy` writes c, and a repair reads it. 3. `legacy` removes it. 4. Couchbase forgets both. 5. The repair gives c to
 * Oracle, which had kept an earlier deletion alone.
 */
function mayComeBack(value: Value, { world, reconciler, rival, backfill }: State): boolean {
  if (value !== null) return false;
  const held = [world.content, world.row.content, world.replica?.content].map((content) => content?.digest);
  const workers = [reconciler, rival, backfill].filter((worker) => worker !== null);
  return workers.some(({ place }) => place.shown().some((digest) => !held.includes(digest)));
}

/**
 * Once all clients are gone that were at work when a store forgot, and the repairs that have met them, what the stores hold is what
 * counts.
 */
export function crossed(state: State): State {
  const busy = busyBits(state);
  if (state.crossing === 0 || (state.crossing & busy) !== 0) return state;
  const repairs = state.crossing < FIRST_WORKER ? busy & ~(FIRST_WORKER - 1) : 0;
  if (repairs !== 0) return { ...state, crossing: repairs };
  return { ...state, crossing: 0, excused: false, register: fluid(state) };
}

/**
 * What the key may hold: what a store has, what is being written, what was acknowledged before, since a repair may have seen it, and
 * what somebody at work has read before that: where several writes are forgotten together, it may bring an earlier one back.
 */
function fluid(state: State): State['register'] {
  const { content, row } = state.world;
  const { writing, possible: before } = state.register;
  const possible = [writtenIn(content), writtenIn(row.content), ...writing, ...before.values];
  const shown = atWork(state).flatMap(({ place }) => place.shown());
  // A write without an answer may yet take effect, though the store that took it has forgotten it, where a repair has read it before.
  const ended = over(state).filter((id) => !shown.includes(state.register.valueOf(id) ?? ''));
  return state.register.fluid([...possible, ...shown], ended);
}

/** Whether somebody takes the word of the store. */
function decides(store: StoreName, { phase, stale }: State): boolean {
  const alone = store === 'couchbase' ? ['settle', 'contract'] : ['legacy', 'expand'];
  return [phase, stale].some((each) => each !== null && !alone.includes(each));
}

/** Whether what Couchbase holds is older by its version than what Oracle holds, and will be there until a repair looks at it. */
function isTold({ cas, row, content, xattr }: World): boolean {
  const version = cas === 0n ? null : xattr?.cas === cas ? xattr.version : cas;
  return (
    version !== null &&
    content?.expiresAt == null &&
    row.handoff === null &&
    version < row.version &&
    writtenIn(row.content) !== writtenIn(content)
  );
}
