/** Stores that come back with less than they have acknowledged: a node of Couchbase fails over, or Oracle loses its last commits. */

import type { Value } from '../../functions/certification/operation.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { effectiveVersion } from '../../functions/protocol/state.ts';
import type { World } from '../model/world.ts';
import type { Clients } from './clients.ts';
import type { Control } from './control.ts';
import type { History } from './history.ts';
import { BAKE, REQUEST } from './rules.ts';
import { lasting, type Scheduler } from './scheduler.ts';
import { heldIn } from './trace.ts';
import type { StoreName } from './weather.ts';
import { LATE, type SimulatedStores } from './world.ts';

/** Milliseconds: how far a replica is behind, at most, and from a failover until nothing of before it is at work any more. */
const [LAG, CROSSING] = [60_000, 3 * REQUEST + LATE + BAKE];
/** How often a store forgets something, at most: gates wait each time for everything to be compared. */
const MOST = 4;
const FATE = lasting('failover');
/** The share of keys of which the replica has caught up just before. */
const CAUGHT_UP = 0.3;
/** Phases in which what a store has forgotten is not what clients are shown. */
const HARMLESS: Readonly<Record<StoreName, readonly Phase[]>> = {
  couchbase: ['settle', 'contract'],
  oracle: ['legacy', 'expand'],
};

export interface ForgettingParts {
  readonly scheduler: Scheduler;
  readonly stores: SimulatedStores;
  readonly control: Control;
  readonly clients: Clients;
  readonly history: History;
  readonly keys: readonly string[];
  /** Milliseconds between two failovers, at most. */
  readonly pause: number;
  readonly isOver: () => boolean;
  /** Is called after each. */
  readonly after: () => void;
}

export class Forgetting {
  readonly #parts: ForgettingParts;
  #times = 0;
  #isLagging = false;
  #isCrossing = false;

  constructor(parts: ForgettingParts) {
    this.#parts = parts;
    parts.stores.mayForget();
  }

  /** How often a store has forgotten something. */
  get times(): number {
    return this.#times;
  }

  /** Requests and repairs of before the last failover may still be at work. */
  get isCrossing(): boolean {
    return this.#isCrossing;
  }

  async work(): Promise<void> {
    const { scheduler, pause, isOver } = this.#parts;
    while (this.#times < MOST) {
      await scheduler.sleep(FATE, scheduler.random.below(pause));
      if (isOver() || this.#isLagging) return;
      await this.#once(scheduler.random.pick(['couchbase', 'couchbase', 'oracle']));
    }
  }

  /** Once more, where clients may notice it, and nobody writes afterwards: what comes back is a repair's work. */
  async last(sleep: (milliseconds: number) => Promise<void>): Promise<void> {
    while (this.#isLagging || this.#isCrossing) await sleep(1000);
    this.#once(HARMLESS.couchbase.includes(this.#parts.control.phase) ? 'oracle' : 'couchbase');
    while (!this.#isCrossing) await sleep(100);
  }

  async #once(store: StoreName): Promise<void> {
    const { scheduler, stores, keys, history } = this.#parts;
    const { random } = scheduler;
    this.#isLagging = true;
    for (const key of keys) stores.safe(key, store);
    await scheduler.sleep(FATE, random.below(LAG));
    for (const key of keys) if (random.chance(CAUGHT_UP)) stores.safe(key, store);
    await scheduler.sleep(FATE, random.below(LAG / 10));
    [this.#isLagging, this.#isCrossing] = [false, true];
    const isExcused = this.#forget(store);
    await scheduler.sleep(FATE, CROSSING);
    if (isExcused) history.remembered(this.#held());
    this.#isCrossing = false;
  }

  /** @returns whether clients may notice. */
  #forget(store: StoreName): boolean {
    const { scheduler, stores, control, clients, history, keys, after } = this.#parts;
    const isHarmless = control.acting.every((phase) => HARMLESS[store].includes(phase));
    const name = store === 'couchbase' ? 'failover of Couchbase' : 'fallback of Oracle';
    scheduler.strike(`${name}${isHarmless ? ', where the other store decides' : ''}`);
    const lost = new Set<string>();
    for (const key of keys) {
      const before = stores.world(key);
      stores.forget(key, store);
      if (valuesOf(before).join() === valuesOf(stores.world(key)).join()) continue;
      scheduler.strike(`key of a ${name}`);
      lost.add(key);
    }
    scheduler.tell(
      lasting(store),
      `${name}: it has forgotten something of ${[...lost].join(' ') || 'no key'}`,
    );
    this.#times++;
    control.forgotten = scheduler.now;
    // Oracle counts the versions that it has lost once more, so an ETag of before says nothing any more.
    if (store === 'oracle') clients.forgetVersions();
    if (!isHarmless) history.forgotten(this.#held(), (key) => this.#due(key, store));
    after();
    return !isHarmless;
  }

  #held(): Map<string, readonly Value[]> {
    const { stores, keys } = this.#parts;
    return new Map(keys.map((key) => [key, valuesOf(stores.world(key))]));
  }

  /** What Oracle has newer than Couchbase comes back. */
  #due(key: string, store: StoreName): Value | undefined {
    const world = this.#parts.stores.world(key);
    return store === 'couchbase' && isOutdated(world) ? heldIn(world.row.content) : undefined;
  }

  /** What is wrong with a key at rest; null for nothing. @param shown what a read finds. */
  judge(key: string, shown: Value): string | null {
    const { stores, control, history } = this.#parts;
    const { world, owed, due } = { world: stores.world(key), ...history.claims(key) };
    const traced = [...valuesOf(world), ...stores.setAside(key)];
    for (const value of owed)
      if (!traced.includes(value)) return `${key}: ${value} was acknowledged, and is gone without a trace`;
    if (control.phase === 'legacy' || due.length === 0 || due.includes(shown)) return null;
    return `${key}: ${due.map((value) => value ?? 'a deletion').join()}, which a store had kept, is not back at rest`;
  }
}

function valuesOf({ content, row }: World): Value[] {
  return [heldIn(content), heldIn(row.content)];
}

/** Couchbase holds an earlier version than Oracle, until a repair looks at it. */
function isOutdated({ cas, xattr, row, content }: World): boolean {
  if (cas === 0n || row.handoff !== null || effectiveVersion(cas, xattr) >= row.version) return false;
  return heldIn(content) !== heldIn(row.content);
}
