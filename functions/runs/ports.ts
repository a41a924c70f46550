/** What all kinds of runs need of both stores of a collection. */

import { recordAlone } from '../books/checkpoint.ts';
import type { Ledger } from '../books/ledger.ts';
import type { Finding } from '../records/finding.ts';
import type { Hold } from '../records/run.ts';
import type { CouchbaseConnection, Keyspace } from '../stores/couchbase/connection.ts';
import { keysOf } from '../stores/couchbase/enumerate.ts';
import { hasVersionsIndex } from '../stores/couchbase/listed_versions.ts';
import { sampleKeys } from '../stores/couchbase/scan.ts';
import { sizesOf } from '../stores/couchbase/sizes.ts';
import type { CouchbaseStore } from '../stores/couchbase/store.ts';
import { LISTING } from '../stores/listing.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { handedOffKeys } from '../stores/oracle/handed_off.ts';
import { inspectedKeys, type Which } from '../stores/oracle/inspect.ts';
import type { OracleStore } from '../stores/oracle/store.ts';
import type { Table } from '../stores/oracle/table.ts';
import { listedWithin, type Selection } from '../stores/selection.ts';
import type { Unstorable } from '../stores/storable.ts';
import type { Witness } from '../stores/witness.ts';
import type { Sieve } from './passed.ts';
import type { PlanPorts } from './plan.ts';
import type { RunRequest } from './request.ts';
import type { WalkPorts } from './walk_shard.ts';

/** Both stores of a collection, and what lies below them. */
export interface Both {
  readonly cluster: CouchbaseConnection;
  readonly keyspace: Keyspace;
  /** Which of its keys. */
  readonly selection: Selection;
  readonly couchbase: CouchbaseStore;
  readonly oracle: OracleStore;
  readonly database: OracleConnection;
  readonly table: Table;
  /** What becomes of a write in `expand` that Oracle can never take. */
  readonly unstorable: Unstorable;
  /** Is told what looks at documents in Couchbase tell of their partitions. */
  readonly witness?: Pick<Witness, 'looked'> | undefined;
}

/** What a worker brings along, whatever it does. */
export interface Work extends Pick<WalkPorts, 'turn' | 'permit' | 'timely' | 'careful' | 'alone'> {
  readonly hold: Hold;
  readonly ledger: Pick<Ledger, 'finish'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds for one call. */
  readonly timeout: number;
  /** Sets a document aside, for an operator to see. May be told twice of one. */
  readonly setAside: (finding: Finding) => Promise<void>;
  /** Sends a receipt: somebody makes both stores agree about the key. */
  readonly repair: (key: string) => Promise<void>;
}

/** Requests to Couchbase at the same time. */
export const CONCURRENCY = 32;
/** Keys to choose cuts from. */
const SAMPLE = 20_000;
/** Rows that one statement looks at for those that are handed off, so many times as many as are wanted. */
const SPANS = 2;

/** Keys that may be ours, and no others where patterns begin with a text: the rest of the index is not read. @param timeout milliseconds for one call. */
export function couchbaseKeys(
  { cluster, keyspace, selection }: Pick<Both, 'cluster' | 'keyspace' | 'selection'>,
  timeout: number,
  ranges = selection.ranges,
): WalkPorts['keys'] {
  return listedWithin(ranges, (shard, limit) =>
    keysOf(cluster, keyspace, shard, { limit, timeout: timeout * LISTING }),
  );
}

/** What the walk of a worker does with keys of others. */
export function sieveOf(
  { database, selection }: Pick<Both, 'database' | 'selection'>,
  { hold, now }: Pick<Work, 'hold' | 'now'>,
): Sieve {
  const none = { listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 };
  return {
    of: (key) => selection.of(key),
    pass: (to, passed) => {
      const { alike = 0 } = passed;
      const counts = { ...none, listed: alike, stale: alike };
      return recordAlone(database, hold, { to, counts, findings: [], passed }, now());
    },
  };
}

/** @param call milliseconds for one call. */
export function oracleKeys(
  { database, table }: Both,
  which: Which,
  now: () => number,
  call: number,
): WalkPorts['keys'] {
  const timeout = call * LISTING;
  // Rows that are handed off may be few, and far from each other: one statement for all of them would outlast its time.
  if (which === 'handed-off')
    return async (shard, limit) => {
      const walk = { ...shard, most: limit, timely: () => true, timeout };
      return (await handedOffKeys(database, table.name, walk, SPANS * limit)).keys;
    };
  const { name, columns } = table;
  return (shard, limit) =>
    inspectedKeys(database, name, shard, { which, limit, columns, now: now(), timeout });
}

export function couchbaseSizes({ cluster, keyspace }: Both, timeout: number): WalkPorts['sizes'] {
  return (keys) => sizesOf(cluster, keyspace, keys, { concurrency: CONCURRENCY, timeout });
}

/** Some keys of the whole collection, fair along their order. Throws where the server cannot tell any. */
export async function sample({ cluster, keyspace, selection }: Both, timeout: number): Promise<string[]> {
  const keys = await sampleKeys(cluster, keyspace, SAMPLE, SEED, { timeout: timeout * LISTING });
  return keys.filter((key) => selection.takes(key));
}
/** Any will do: the sample need not be secret, and the same one twice is as good. */
const SEED = 1;

/** What planning a run needs: of the store whose documents it is about. */
export function portsToPlan(
  both: Both,
  { kind, options }: Pick<RunRequest, 'kind' | 'options'>,
  timeout: number,
  now: () => number,
): Omit<PlanPorts, 'timely'> {
  const which = options.back === 'changed' ? 'handed-off' : 'all';
  return {
    keys: kind === 'copyback' ? oracleKeys(both, which, now, timeout) : couchbaseKeys(both, timeout),
    sizes: couchbaseSizes(both, timeout),
    takes: (key) => both.selection.takes(key),
    sample: () => sample(both, timeout),
    lists: async () =>
      options.mode === 'version' && (await hasVersionsIndex(both.cluster, both.keyspace, timeout)),
  };
}
