/** Other hands in Couchbase: somebody who touches documents, and a bucket that gives them expiries. */
import type { Content } from '../../functions/protocol/state.ts';
import { expiringAt, listing, writtenIn } from './documents.ts';
import type { Memory } from './memory.ts';
import type { Move } from './move.ts';
import type { Scenario } from './scenario.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/** Somebody else, who touches documents in Couchbase. */
export interface Hand {
  /** Whether it leaves a document without the attributes that it had. */
  readonly drops: boolean;
  /** `other`: it may give it another expiry. */
  readonly expiry: 'kept' | 'other';
}

/** A bucket with a maximum TTL counts it from each mutation, and takes no later expiry. */
export function shortened(
  { maxTtl, tick }: Pick<World, 'maxTtl' | 'tick'>,
  content: Content,
  cas: bigint,
): Content {
  if (maxTtl === 0 || content === null) return content;
  const latest = Number(cas / tick) + (maxTtl === 1 ? 0 : LONG_TTL);
  const { expiresAt } = content;
  return expiresAt !== null && expiresAt <= latest ? content : expiringAt(content, latest);
}

/** Beyond all expiries that clients and hands give. */
const LONG_TTL = 5000;
/** An expiry that a hand gives, apart from all others. */
const FROM_HAND = 3000;

/** Somebody else touches what Couchbase holds. */
function touch(world: World, { drops, expiry }: Hand): World {
  const cas = world.clock + world.tick;
  const { content } = world;
  const other = content !== null && expiry === 'other';
  const left = other ? expiringAt(content, FROM_HAND + Number(cas / world.tick)) : content;
  return {
    ...world,
    ...{ clock: cas, cas, answered: cas },
    content: shortened(world, left, cas),
    // A marker without its attribute is a document that somebody has written.
    xattr: drops && content !== null ? null : world.xattr,
    reversioned:
      content === null ? world.reversioned : listing(world.reversioned, writtenIn(content) as string),
  };
}

/** A move of other hands: somebody touches what is there, or the bucket gets its next maximum TTL, and what is there stays as it is. */
export function byHand(
  state: State,
  move: Move & { kind: 'touch' | 'ttl' },
  { hand, maxTtls = [] }: Scenario,
  memory: Memory,
): State {
  if (move.kind === 'touch') {
    const { expiry, late } = move;
    const world = memory.world(touch(state.world, { drops: hand?.drops === true, expiry }));
    return { ...state, world, unwitnessed: state.unwitnessed || late };
  }
  const ttls = state.ttls + 1;
  return { ...state, ttls, world: memory.world({ ...state.world, maxTtl: maxTtls[ttls] ?? 0 }) };
}
