/** One worker's ports over both stores of a collection, to compare them or to copy back. */
import type { Phase } from '../protocol/phase.ts';
import {
  type Both,
  CONCURRENCY,
  couchbaseKeys,
  couchbaseSizes,
  oracleKeys,
  type Work,
} from '../runs/ports.ts';
import type { Mode } from '../runs/request.ts';
import { inspectCouchbase } from '../stores/couchbase/inspect.ts';
import { recordAlone } from '../stores/oracle/checkpoint.ts';
import { inspectOracle } from '../stores/oracle/inspect.ts';
import type { ComparePorts } from './compare_shard.ts';
import { Listing } from './listing.ts';

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
    sizes: async (keys) => (await sizes(keys)).map((size) => size ?? UNKNOWN_SIZE),
    // Oracle gives the bodies of a whole batch at once.
    careful: mode === 'content',
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
