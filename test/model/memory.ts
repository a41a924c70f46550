/** What a search has met before: each world once, each place of each step once, and where a call leads from there. */

import { CallFailed, type Reply, type Steps } from '../../functions/protocol/call.ts';
import type { OracleState } from '../../functions/protocol/state.ts';
import type { Tampering } from './tampering.ts';
import { Place } from './unfold.ts';
import { execute, type Side, type World } from './world.ts';

export interface Reached {
  readonly world: World;
  readonly reply: Reply;
}

/** Share one among systems with the same seeded bug; drop it when it has grown large. */
export class Memory {
  readonly #tampering: Tampering;
  /** Random schedules seldom meet anything twice: it costs less to work it out again than to look it up. */
  readonly keeps: boolean;
  readonly #worlds = new Map<string, World>();
  readonly #beginnings = new Map<string, Place<unknown>>();
  readonly #reached = new Map<Place<unknown>, Map<World, Reached>>();

  constructor(tampering: Tampering, keeps = true) {
    this.#tampering = tampering;
    this.keeps = keeps;
  }

  /** Names a step and where it starts from: `key` must tell its arguments. */
  beginning(key: string, start: () => Steps<unknown>): Place<unknown> {
    if (!this.keeps) return new Place(start);
    let place = this.#beginnings.get(key);
    if (place === undefined) {
      place = new Place(start);
      this.#beginnings.set(key, place);
    }
    return place;
  }

  /** The one object for this world. */
  world(world: World): World {
    if (!this.keeps) return world;
    const key = worldKey(world);
    let known = this.#worlds.get(key);
    if (known === undefined) {
      known = { ...world, id: this.#worlds.size };
      this.#worlds.set(key, known);
    }
    return known;
  }

  /** What the call that `place` waits for does to `world`. */
  reached(place: Place<unknown>, world: World): Reached {
    if (place.call === null) throw new CallFailed('A step that has ended calls nothing');
    if (!this.keeps) return execute(world, place.call, this.#tampering);
    let from = this.#reached.get(place);
    if (from === undefined) {
      from = new Map();
      this.#reached.set(place, from);
    }
    let reached = from.get(world);
    if (reached === undefined) {
      const executed = execute(world, place.call, this.#tampering);
      reached = { world: this.world(executed.world), reply: executed.reply };
      from.set(world, reached);
    }
    return reached;
  }
}

function worldKey(world: World): string {
  const { row, clock, tick, expired, early, reversioned, aside, replica, older, maxTtl, answered } = world;
  const touched = answered === 0n && maxTtl === 0 ? '' : `,${maxTtl}/${answered}`;
  const key = `${sideKey(world)},${clock}+${tick},${rowKey(row)},${reversioned},${expired}/${early},${aside}${touched}`;
  if (replica === null && older === null) return key;
  return `${key}|${replica === null ? '' : sideKey(replica)}|${older === null ? '' : rowKey(older)}`;
}

function sideKey({ content, cas, xattr, gone }: Side): string {
  return `${content?.digest},${cas},${xattr?.version},${xattr?.cas},${gone}`;
}

function rowKey({ content, version, handoff, handback }: OracleState): string {
  return `${content?.digest},${version},${handoff},${handback}`;
}
