/** Both stores in memory, as the reference that the real ones are held against: the model's world, once per key. */
import type { Call, CallName, Calls } from '../../functions/protocol/call.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import type { Partners } from '../../functions/stores/port.ts';
import { requireKey } from '../../functions/stores/storable.ts';
import { EMPTY, execute, type World } from '../model/world.ts';

/** What happens to the next mutations: they, or their answers, get lost. */
export type Loss = 'request' | 'answer' | null;

export class Reference implements Partners {
  readonly #worlds = new Map<string, World>();
  readonly #now: () => number;
  loss: Loss = null;

  /** @param now milliseconds since the epoch: what has expired by then is not there. */
  constructor(now: () => number) {
    this.#now = now;
  }

  readonly couchbase: Partners['couchbase'] = {
    read: (key) => this.#call(key, 'couchbase.read', {}),
    upsert: (key, args) => this.#call(key, 'couchbase.upsert', args),
    remove: (key) => this.#call(key, 'couchbase.remove', {}),
    swap: (key, args) => this.#call(key, 'couchbase.swap', args),
    erase: (key, args) => this.#call(key, 'couchbase.erase', args),
    gone: (key) => this.#call(key, 'couchbase.gone', {}),
  };

  readonly oracle: Partners['oracle'] = {
    read: (key) => this.#call(key, 'oracle.read', {}),
    apply: (key, args) => this.#call(key, 'oracle.apply', args),
    write: (key, args) => this.#call(key, 'oracle.write', args),
    swap: (key, args) => this.#call(key, 'oracle.swap', args),
    keep: (key, args) => this.#call(key, 'oracle.keep', args),
  };

  readonly receipt: Partners['receipt'] = {
    send: async () => null,
    sent: async () => true,
  };

  /** The first keys of a shard with a document in that store, or a row that Oracle orders, in byte order. */
  async keys(store: 'couchbase' | 'oracle', shard: Shard, limit: number): Promise<string[]> {
    const here = [...this.#worlds.keys()].filter((key) => {
      const { content, row } = this.#world(key);
      const listed = store === 'oracle' ? row.content !== null || row.handoff !== null : content !== null;
      return listed && contains(shard, key);
    });
    return here.sort(byUtf8).slice(0, limit);
  }

  async #call<N extends CallName>(key: string, name: N, args: Calls[N]['args']): Promise<Calls[N]['reply']> {
    const [store, operation] = name.split('.') as ['couchbase' | 'oracle', string];
    const target = { store, operation, collection: 'reference', key };
    requireKey(target);
    const lost = operation === 'read' ? null : this.loss;
    const { world, reply } = execute(this.#world(key), { name, ...args } as Call, {});
    if (lost !== 'request') this.#worlds.set(key, world);
    if (lost === null) return reply as Calls[N]['reply'];
    throw new StoreUnavailable(target, true, new Error(`lost ${lost}`));
  }

  #world(key: string): World {
    const world = this.#worlds.get(key) ?? EMPTY;
    const { row } = world;
    return {
      ...world,
      ...(this.#expired(world.content) && { content: null, cas: 0n, xattr: null }),
      ...(this.#expired(row.content) && { row: { ...row, content: null } }),
    };
  }

  #expired(content: Content): boolean {
    return content !== null && content.expiresAt !== null && content.expiresAt <= this.#now();
  }
}
