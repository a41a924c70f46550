/** One worker's ports over both stores of a collection, to compare them or to copy back. */

import { recordAlone } from '../books/checkpoint.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Mode } from '../records/run.ts';
import {
  type Both,
  CONCURRENCY,
  couchbaseKeys,
  couchbaseSizes,
  oracleKeys,
  sieveOf,
  type Work,
} from '../runs/ports.ts';
import { CouchbaseInspector, type Depth } from '../stores/couchbase/inspect.ts';
import { hasVersionsIndex, versionsOf } from '../stores/couchbase/listed_versions.ts';
import { LISTING } from '../stores/listing.ts';
import { bodySizes, inspectOracle } from '../stores/oracle/inspect.ts';
import { listedVersions } from '../stores/oracle/listed_versions.ts';
import { listedWithin } from '../stores/selection.ts';
import type { ComparePorts } from './compare_shard.ts';
import { Listing } from './listing.ts';
import type { Looks } from './look.ts';
import type { ProjectedLists } from './projected_ports.ts';
import { type Lists, VersionLists } from './version_lists.ts';

/** @param projected where rows of projections are to be compared. */
export function portsToCompare(
  both: Both,
  work: Work,
  phase: Phase,
  mode: Mode,
  projected?: ProjectedLists,
): ComparePorts {
  const { hold, ledger, now, timeout, setAside: _, ...rest } = work;
  const lists = {
    ...{ couchbase: couchbaseKeys(both, timeout), oracle: oracleKeys(both, 'all', now, timeout) },
    orphans: projected?.orphans,
  };
  const sieve = sieveOf(both, work);
  const listing = new Listing(lists, phase, sieve);
  const looks =
    mode === 'count' ? listing.looks() : looksAt(both, mode === 'content' ? 'whole' : 'glance', now, timeout);
  const sizes = couchbaseSizes(both, timeout);
  return {
    ...{ ...rest, ...looks, sieve, projected },
    keys: (shard, limit) => listing.next(shard, limit),
    sizes: async (keys) => {
      const [held, rows] = await Promise.all([sizes(keys), bodySizes(both.database, both.table.name, keys)]);
      return keys.map((_, n) => Math.max(held[n] ?? 0, rows[n] ?? 0));
    },
    record: (step) => recordAlone(both.database, hold, step, now()),
    finish: () => ledger.finish(hold, now()),
  };
}

/**
 * The same, where versions alone are compared: what the lists of both stores show to be the same is not looked at, if there is an index of versions. Each worker asks for
 * it once, so that it may be made and dropped while runs are under way.
 */
export async function portsToCompareVersions(both: Both, work: Work, phase: Phase): Promise<ComparePorts> {
  const ports = portsToCompare(both, work, phase, 'version');
  const { cluster, keyspace, selection } = both;
  if (ROUTES[phase].second === null || !(await hasVersionsIndex(cluster, keyspace, work.timeout)))
    return ports;
  const sieve = sieveOf(both, work);
  const lists = new VersionLists(listsOf(both, work), phase, { of: (key) => selection.of(key) });
  return {
    ...ports,
    keys: (shard, limit) => lists.next(shard, limit),
    sieve: { ...sieve, of: (key) => lists.of(key) },
  };
}

function listsOf(both: Both, { now, timeout: call }: Pick<Work, 'now' | 'timeout'>): Lists {
  const { cluster, keyspace, selection, database, table } = both;
  const timeout = call * LISTING;
  return {
    keys: couchbaseKeys(both, call),
    versions: listedWithin(selection.ranges, (shard, limit) =>
      versionsOf(cluster, keyspace, shard, { limit, timeout }),
    ),
    rows: (shard, limit) =>
      listedVersions(database, table.name, shard, { limit, now: now(), columns: table.columns, timeout }),
  };
}

/** The looks of verification at both stores. */
export function looksAt(
  { cluster, keyspace, database, table, witness }: Both,
  depth: Depth,
  now: () => number,
  timeout: number,
): Looks {
  const options = { depth, concurrency: CONCURRENCY, timeout, witness };
  const inspector = new CouchbaseInspector(cluster, keyspace, options);
  return {
    couchbase: (keys, most) => inspector.inspect(keys, most),
    oracle: (keys, most) =>
      inspectOracle(database, table.name, keys, {
        ...{ bodies: depth === 'whole', most, now: now(), columns: table.columns },
      }),
  };
}
