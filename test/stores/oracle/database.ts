/** The Oracle that a test file talks to: `ORACLE_CONNECT_STRING` and its credentials if set, else an embedded one. */
import oracledb from 'oracledb';
import type { Projection } from '../../../functions/projection/projection.ts';
import type { Column } from '../../../functions/stores/oracle/column.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import type { Table } from '../../../functions/stores/oracle/table.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { RELEASES, type ReleaseName } from '../../../infra/local/servers/oracle/releases.ts';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';

export interface TestDatabase {
  readonly connection: OracleConnection;
  readonly store: OracleStore;
  readonly credentials: { connectString: string; user: string; password: string };
  readonly table: Table;
  /** The embedded server, which can be told to fail; null for a database of your own. */
  readonly server: Running | null;
  stop(): Promise<void>;
}

const { ORACLE_CONNECT_STRING, ORACLE_USER = '', ORACLE_PASSWORD = '' } = process.env;
const RELEASE = (process.env.ORACLE_RELEASE ?? '19c') as ReleaseName;
if (!(RELEASE in RELEASES))
  throw new Error(`ORACLE_RELEASE must be one of ${Object.keys(RELEASES).join(', ')}`);

export interface Wanted {
  /** Milliseconds for one call. */
  readonly timeout?: number;
  /** Connections at most. */
  readonly size?: number;
  readonly now?: () => number;
  /** Transactions truly at the same time. */
  readonly concurrent?: boolean;
  readonly columns?: readonly Column[];
  readonly projections?: readonly Projection[];
  /** Which release the embedded server is like: that of `ORACLE_RELEASE`, or 19c, if none. */
  readonly release?: ReleaseName;
}

export async function testDatabase(wanted: Wanted = {}): Promise<TestDatabase> {
  const {
    timeout = 10_000,
    size = 8,
    now = Date.now,
    concurrent = false,
    columns = [],
    projections = [],
    release = RELEASE,
  } = wanted;
  const server =
    ORACLE_CONNECT_STRING === undefined
      ? await startOracle({ service: 'orders', users: { app: 'secret', dba: 'secret' }, concurrent, release })
      : null;
  const credentials =
    server === null
      ? { connectString: ORACLE_CONNECT_STRING as string, user: ORACLE_USER, password: ORACLE_PASSWORD }
      : { connectString: server.connectString, user: 'app', password: 'secret' };
  const table = {
    ...{ name: `T${Date.now().toString(36).toUpperCase()}${process.pid}`, columns, projections },
  };
  const connection = new OracleConnection({ login: async () => credentials, size, timeout });
  // The first statements of a server take seconds on a busy machine: a test's own limit is for the calls of the test.
  const owner = new OracleConnection({ login: async () => credentials, size: 1, timeout: 60_000 });
  await upgrade(owner, collectionSubjects(table), null, () => {}).catch(async (error: unknown) => {
    // A server that nobody stops would keep the test file from ending.
    await server?.stop();
    throw error;
  });
  await owner.close();
  const store = new OracleStore(connection, table, now);
  return {
    ...{ connection, store, credentials, table, server },
    stop: async () => {
      await connection.close();
      if (server === null) await drop(credentials, table.name);
      await server?.stop();
    },
  };
}

async function drop(credentials: TestDatabase['credentials'], table: string): Promise<void> {
  const admin = await oracledb.getConnection(credentials);
  await admin.execute(`DROP TABLE ${table}`);
  await admin.close();
}
