/** One worker's ports over both stores of a collection. */
import type { CouchbaseConnection, Keyspace } from '../stores/couchbase/connection.ts';
import { keysOf } from '../stores/couchbase/enumerate.ts';
import { readMany } from '../stores/couchbase/read_many.ts';
import { sizesOf } from '../stores/couchbase/sizes.ts';
import type { CouchbaseStore } from '../stores/couchbase/store.ts';
import { applyBatch } from '../stores/oracle/batch.ts';
import { advance, note } from '../stores/oracle/checkpoint.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import type { Hold, Ledger } from '../stores/oracle/ledger.ts';
import type { Table } from '../stores/oracle/table.ts';
import type { Ports } from './copy_shard.ts';
import type { PlanPorts } from './plan.ts';

/** Both stores of a collection, as a backfill uses them. */
export interface Both {
  readonly cluster: CouchbaseConnection;
  readonly keyspace: Keyspace;
  readonly couchbase: CouchbaseStore;
  readonly database: OracleConnection;
  readonly table: Table;
}

export interface Work extends Pick<Ports, 'setAside' | 'pace' | 'timely' | 'alive'> {
  readonly hold: Hold;
  readonly ledger: Ledger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds for one call. */
  readonly timeout: number;
}

/** Requests to Couchbase at the same time. */
const CONCURRENCY = 32;
/** Listing keys may have to wait for the index. */
const LISTING = 5;

export function portsOver(both: Both, work: Work): Ports {
  const { couchbase, database, table } = both;
  const { hold, ledger, now, timeout, ...rest } = work;
  return {
    ...rest,
    ...portsToPlan(both, timeout),
    read: (keys) => readMany(couchbase, keys, CONCURRENCY),
    apply: async (copies, stepOf) => {
      await applyBatch(database, table, copies, async (session, outcomes) => {
        const { to, counts, findings } = await stepOf(outcomes);
        await note(session, hold.run, findings, now());
        await advance(session, hold, to, counts, now());
      });
    },
    finish: () => ledger.finish(hold, now()),
  };
}

/** What planning needs of Couchbase. @param timeout milliseconds for one call. */
export function portsToPlan({ cluster, keyspace }: Both, timeout: number): Pick<PlanPorts, 'keys' | 'sizes'> {
  return {
    keys: (shard, limit) => keysOf(cluster, keyspace, shard, { limit, timeout: timeout * LISTING }),
    sizes: (keys) => sizesOf(cluster, keyspace, keys, { concurrency: CONCURRENCY, timeout }),
  };
}
