/** One worker's ports over both stores of a collection, to compare them or to copy back. */
import type { Phase } from '../protocol/phase.ts';
import { ROUTES } from '../protocol/phase.ts';
import {
  type Both,
  CONCURRENCY,
  couchbaseKeys,
  couchbaseSizes,
  oracleKeys,
  type Work,
} from '../runs/ports.ts';
import type { Mode } from '../runs/request.ts';
import type { WalkPorts } from '../runs/walk_shard.ts';
import { inspectCouchbase } from '../stores/couchbase/inspect.ts';
import { recordAlone } from '../stores/oracle/checkpoint.ts';
import { inspectOracle } from '../stores/oracle/inspect.ts';
import type { ComparePorts } from './compare_shard.ts';
import { NOTHING, type Pair, type Seen } from './seen.ts';
import { unionOf } from './union.ts';

/** What a body that only Oracle has is taken for: nobody has asked for its size. */
const UNKNOWN_SIZE = 1_000_000;

export function portsToCompare(both: Both, work: Work, phase: Phase, mode: Mode): ComparePorts {
  const { hold, ledger, now, timeout, setAside: _, ...rest } = work;
  const lists = { couchbase: couchbaseKeys(both, timeout), oracle: oracleKeys(both, 'all', now) };
  const listing = new Listing(lists, phase);
  const looks = mode === 'count' ? listing.looks() : looksAt(both, mode === 'content', now, timeout);
  const sizes = couchbaseSizes(both, timeout);
  return {
    ...rest,
    ...looks,
    keys: (shard, limit) => listing.next(shard, limit),
    sizes: async (keys) =>
      mode === 'content' ? (await sizes(keys)).map((size) => size ?? UNKNOWN_SIZE) : keys.map(() => 0),
    record: (step) => recordAlone(both.database, hold, step, now()),
    finish: () => ledger.finish(hold, now()),
  };
}

/** The looks of verification at both stores. */
export function looksAt(
  { cluster, keyspace, database, table }: Both,
  bodies: boolean,
  now: () => number,
  timeout: number,
): Pick<ComparePorts, 'couchbase' | 'oracle'> {
  return {
    couchbase: (keys) =>
      inspectCouchbase(cluster, keyspace, keys, { bodies, concurrency: CONCURRENCY, timeout }),
    oracle: (keys) => inspectOracle(database, table.name, keys, { bodies, now: now() }),
  };
}

/** Keys of both stores, and which of them has which. */
class Listing {
  readonly #lists: Record<keyof Pair, WalkPorts['keys']>;
  readonly #phase: Phase;
  readonly #held = { couchbase: new Set<string>(), oracle: new Set<string>() };

  constructor(lists: Record<keyof Pair, WalkPorts['keys']>, phase: Phase) {
    this.#lists = lists;
    this.#phase = phase;
  }

  async next(shard: Parameters<WalkPorts['keys']>[0], limit: number): Promise<string[]> {
    const couchbase = await this.#lists.couchbase(shard, limit);
    // In `legacy` nobody looks at Oracle.
    const oracle = ROUTES[this.#phase].second === null ? [] : await this.#lists.oracle(shard, limit);
    this.#held.couchbase = new Set(couchbase);
    this.#held.oracle = new Set(oracle);
    return unionOf(
      { keys: couchbase, complete: couchbase.length < limit },
      { keys: oracle, complete: oracle.length < limit },
    );
  }

  /** Looks that tell no more than which keys are there. */
  looks(): Pick<ComparePorts, 'couchbase' | 'oracle'> {
    const there = (store: keyof Pair) => async (keys: readonly string[]) =>
      keys.map((key): Seen => (this.#held[store].has(key) ? { ...NOTHING, presence: 'live' } : NOTHING));
    return { couchbase: there('couchbase'), oracle: there('oracle') };
  }
}
