/** The ports of a certification over the stores of its scratch places. */
import type { CouchbaseConnection, Keyspace } from '../stores/couchbase/connection.ts';
import { keysOf } from '../stores/couchbase/enumerate.ts';
import { hasNoMemory } from '../stores/couchbase/failure.ts';
import { CouchbaseInspector } from '../stores/couchbase/inspect.ts';
import type { CouchbaseStore } from '../stores/couchbase/store.ts';
import type { Durable } from '../stores/durability.ts';
import { LISTING } from '../stores/listing.ts';
import { hasLostSession, hasNoRoom } from '../stores/oracle/broken.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { inspectedKeys } from '../stores/oracle/inspect.ts';
import { killWhileWriting, lockRow } from '../stores/oracle/outside.ts';
import type { OracleStore } from '../stores/oracle/store.ts';
import type { Table } from '../stores/oracle/table.ts';
import type { Broken, Ports } from './check.ts';
import { Failovers } from './failovers.ts';

/** Both stores of the scratch places, and what lies below them. */
export interface Places {
  readonly cluster: CouchbaseConnection;
  readonly keyspace: Keyspace;
  readonly couchbase: CouchbaseStore;
  readonly oracle: OracleStore;
  /** Both, with more time for a call. */
  readonly large: { readonly couchbase: CouchbaseStore; readonly oracle: OracleStore };
  /** With room for two sessions at the least. */
  readonly database: OracleConnection;
  readonly table: Table;
}

/** What a step brings along: clocks, chance, and its time. `call` is that of the stores. */
export interface Surroundings
  extends Pick<Ports, 'now' | 'steady' | 'sleep' | 'after' | 'random' | 'call' | 'timeLeft'> {
  readonly durability: Durable['level'];
}

export function portsToCertify(places: Places, { durability, ...surroundings }: Surroundings): Ports {
  const { cluster, keyspace, couchbase, oracle, large, database, table } = places;
  const timeout = surroundings.call * LISTING;
  const { now, call } = surroundings;
  return {
    ...{ couchbase, oracle, large, ...surroundings },
    keys: {
      couchbase: (shard, limit) => keysOf(cluster, keyspace, shard, { limit, timeout }),
      oracle: (shard, limit) =>
        inspectedKeys(database, table.name, shard, { which: 'all', limit, now: now(), timeout }),
    },
    outside: {
      lockRow: (key) => lockRow(database, table.name, key, call),
      killSession: (key) => killWhileWriting(database, table.name, key),
    },
    broken: {
      noRoom: hasNoRoom,
      lostSession: hasLostSession,
      noMemory: hasNoMemory,
      failedOver: failoversIn(places, call),
    },
    // Each turn shows it by what it notes.
    tell: async () => {},
    durability: { level: durability, problem: (keys) => couchbase.durabilityProblem(keys) },
  };
}

function failoversIn({ cluster, keyspace }: Places, timeout: number): Broken['failedOver'] {
  const failovers = new Failovers();
  const options = { depth: 'outside', concurrency: 8, timeout, witness: failovers } as const;
  const inspector = new CouchbaseInspector(cluster, keyspace, options);
  return async (keys) => {
    await inspector.inspect(keys, 0);
    return failovers.count;
  };
}
