/** Both stores of one collection, over connections that all share. */
import { tableOf } from '../configuration/collection.ts';
import type { Collection } from '../configuration/configuration.ts';
import type { Both } from '../runs/ports.ts';
import type { CouchbaseConnection } from '../stores/couchbase/connection.ts';
import { CouchbaseStore } from '../stores/couchbase/store.ts';
import type { Durable } from '../stores/durability.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { OracleStore } from '../stores/oracle/store.ts';
import { Selection } from '../stores/selection.ts';
import type { Witness } from '../stores/witness.ts';

export function pairOf(
  {
    cluster,
    database,
    conflicts,
    witness,
  }: {
    readonly cluster: CouchbaseConnection;
    readonly database: OracleConnection;
    readonly conflicts: number;
    readonly witness: Witness | undefined;
  },
  { couchbase: keyspace, keys, oracle, durability, durabilityImpossible, unstorable }: Collection,
  timeout: number,
  fallBack: () => Promise<void>,
): Both {
  const table = tableOf(oracle);
  const durable: Durable = {
    level: durability,
    fallBack: durabilityImpossible === 'accept' ? fallBack : null,
    ...(witness === undefined ? {} : { witness }),
  };
  return {
    ...{ cluster, keyspace, selection: new Selection(keys), database, table, witness, unstorable },
    couchbase: new CouchbaseStore(cluster, keyspace, timeout, durable),
    oracle: new OracleStore(database, table, Date.now, conflicts),
  };
}
