/** Both stores of a healthy service: each call takes some milliseconds on its way, and now and then longer. */
import type { Call, CallName, Calls } from '../../functions/protocol/call.ts';
import { effectiveVersion } from '../../functions/protocol/state.ts';
import type { Answers } from '../../functions/stores/port.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import { EMPTY, execute, type World } from '../model/world.ts';
import type { Timeline } from './timeline.ts';

export type StoreName = 'couchbase' | 'oracle';

export class HealthyStores {
  readonly #timeline: Timeline;
  readonly #worlds = new Map<string, World>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  readonly couchbase: Answers<'couchbase'> = {
    read: this.#call('couchbase.read'),
    upsert: this.#call('couchbase.upsert'),
    remove: this.#call('couchbase.remove'),
    swap: this.#call('couchbase.swap'),
    erase: this.#call('couchbase.erase'),
    gone: this.#call('couchbase.gone'),
  };

  readonly oracle: Answers<'oracle'> = {
    read: this.#call('oracle.read'),
    apply: this.#call('oracle.apply'),
    write: this.#call('oracle.write'),
    swap: this.#call('oracle.swap'),
    keep: this.#call('oracle.keep'),
  };

  get keys(): string[] {
    return [...this.#worlds.keys()].sort();
  }

  handedOff(key: string): boolean {
    return this.world(key).row.handoff !== null;
  }

  world(key: string): World {
    return this.#worlds.get(key) ?? EMPTY;
  }

  /** Puts something into the stores past everybody. */
  meddle(key: string, change: (world: World) => World): void {
    this.#worlds.set(key, change(this.world(key)));
  }

  /** As verification sees one store. */
  async seen(store: StoreName, key: string): Promise<Seen> {
    await this.#way();
    const { content, cas, xattr, row } = this.world(key);
    if (store === 'couchbase') {
      if (cas === 0n) return NOTHING;
      const presence = content === null ? 'deleted' : 'live';
      const version = effectiveVersion(cas, xattr);
      return { ...NOTHING, presence, version, body: content?.body ?? null, state: `${presence}@${cas}` };
    }
    if (row.version === 0n) return NOTHING;
    const presence = row.content === null ? 'deleted' : 'live';
    const { version, handoff } = row;
    const state = `${presence}@${version}/${handoff ?? ''}`;
    return { ...NOTHING, presence, version, handoff, body: row.content?.body ?? null, state };
  }

  #way(): Promise<void> {
    const { random } = this.#timeline;
    return this.#timeline.sleep(random.chance(0.005) ? 50 + random.below(200) : 1 + random.below(4));
  }

  #call<N extends CallName>(name: N) {
    return async (key: string, args: Calls[N]['args']): Promise<Calls[N]['reply']> => {
      await this.#way();
      // Couchbase's clock: nanoseconds since the epoch.
      const clock = BigInt(Math.floor(this.#timeline.now)) * 1_000_000n;
      const before = this.world(key);
      const ticked = { ...before, clock: before.clock > clock ? before.clock : clock };
      const { world, reply } = execute(ticked, { name, ...args } as Call, {});
      this.#worlds.set(key, world);
      await this.#way();
      return reply as Calls[N]['reply'];
    };
  }
}
