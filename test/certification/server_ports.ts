/** The ports of a certification over the servers of a test. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from '../../functions/certification/check.ts';
import { portsToCertify } from '../../functions/certification/ports.ts';
import type { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import type { Table } from '../../functions/stores/oracle/table.ts';
import type { TestCluster } from '../stores/couchbase/cluster.ts';

/** @param call milliseconds for one call. */
export function serverPorts(
  cluster: Pick<TestCluster, 'connection' | 'keyspace' | 'store'>,
  { connection: database, table }: { readonly connection: OracleConnection; readonly table: Table },
  call: number,
): Ports {
  const oracle = new OracleStore(database, table, Date.now);
  const { connection, keyspace, store } = cluster;
  const both = { couchbase: store, oracle };
  return portsToCertify(
    { cluster: connection, keyspace, ...both, large: both, database, table },
    {
      ...{ durability: 'majority', now: Date.now, steady: () => performance.now(), random: Math.random },
      ...{ sleep: (milliseconds) => sleep(milliseconds), call },
      after: (milliseconds, act) => {
        const timer = setTimeout(act, milliseconds);
        return () => clearTimeout(timer);
      },
      timeLeft: () => Number.POSITIVE_INFINITY,
    },
  );
}
