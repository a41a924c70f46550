/** Keys of both stores, and which of them has which. */
import { byUtf8 } from '../protocol/order.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';
import type { Sieve } from '../runs/passed.ts';
import type { WalkPorts } from '../runs/walk_shard.ts';
import { NOTHING, type Pair, type Seen } from '../stores/snapshot.ts';
import type { Looks } from './look.ts';
import { type Listed, unionOf } from './union.ts';

interface Lists extends Record<keyof Pair, WalkPorts['keys']> {
  /** Keys that have rows in tables of projections, and no row of a document: in byte order, fewer than `limit` only where there are no more. */
  readonly orphans?: WalkPorts['keys'] | undefined;
}

export class Listing {
  readonly #lists: Lists;
  readonly #phase: Phase;
  readonly #sieve: Pick<Sieve, 'of'> | undefined;
  /** What was listed of each store and not looked at yet: the next page is listed while this one is gone through. */
  readonly #held = { couchbase: new Set<string>(), oracle: new Set<string>() };

  /** @param sieve which keys are looked at; none: all are. */
  constructor(lists: Lists, phase: Phase, sieve?: Pick<Sieve, 'of'>) {
    this.#lists = lists;
    this.#phase = phase;
    this.#sieve = sieve;
  }

  async next(shard: Shard, limit: number): Promise<string[]> {
    const couchbase = await this.#lists.couchbase(shard, limit);
    // In `legacy` nobody looks at Oracle.
    const oracle = ROUTES[this.#phase].flags.oracleWrites ? await this.#lists.oracle(shard, limit) : [];
    this.#hold('couchbase', couchbase, shard);
    this.#hold('oracle', oracle, shard);
    const lists = [couchbase, oracle].map((keys) => ({ keys, complete: keys.length < limit })) as [
      Listed,
      Listed,
    ];
    return this.#withOrphans(
      unionOf(...lists),
      lists.every(({ complete }) => complete),
      shard,
      limit,
    );
  }

  /** @param complete whether the keys are all of the shard; else nothing is known beyond the last of them. */
  async #withOrphans(keys: string[], complete: boolean, shard: Shard, limit: number): Promise<string[]> {
    const { orphans } = this.#lists;
    if (orphans === undefined) return keys;
    const upTo = complete ? shard.upTo : (keys.at(-1) ?? shard.upTo);
    const without = await orphans({ after: shard.after, upTo }, limit);
    return unionOf({ keys, complete: true }, { keys: without, complete: without.length < limit });
  }

  /** Looks that tell no more than which keys are there: once for each key. */
  looks(): Looks {
    const there = (store: keyof Pair) => async (keys: readonly string[]) =>
      keys.map((key): Seen => (this.#held[store].delete(key) ? { ...NOTHING, presence: 'live' } : NOTHING));
    return { couchbase: there('couchbase'), oracle: there('oracle') };
  }

  /** What was listed beyond the last page's reach is listed again, and may be gone by now. */
  #hold(store: keyof Pair, keys: readonly string[], { after }: Shard): void {
    const held = this.#held[store];
    for (const key of held) if (after === null || byUtf8(key, after) > 0) held.delete(key);
    for (const key of keys) if ((this.#sieve?.of(key) ?? 'taken') === 'taken') held.add(key);
  }
}
