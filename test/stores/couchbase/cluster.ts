/** The Couchbase that a test file talks to: `COUCHBASE_URL` and its credentials if set, else an embedded one. */
import { type Cluster, type Collection, connect } from 'couchbase';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection, type Keyspace } from '../../../functions/stores/couchbase/connection.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { type Running, type Settings, startCouchbase } from '../../../infra/local/servers/couchbase/start.ts';

export interface TestCluster {
  /** As anybody opens it who has never heard of us. */
  readonly cluster: Cluster;
  readonly collection: Collection;
  readonly connection: CouchbaseConnection;
  readonly keyspace: Keyspace;
  readonly store: CouchbaseStore;
  readonly connectionString: string;
  /** The embedded server, which can be told to fail; null for a cluster of your own. */
  readonly server: Running | null;
  stop(): Promise<void>;
}

const { COUCHBASE_URL, COUCHBASE_USERNAME = '', COUCHBASE_PASSWORD = '' } = process.env;
/** On a cluster of your own: a bucket named `crossfade`, with the scope `test` and the collection `documents`. */
const NAMES = { bucket: 'crossfade', scope: 'test', collection: 'documents' } as const;

/** @param more settings of the embedded server. */
export async function testCluster(more: Pick<Settings, 'tls'> = {}): Promise<TestCluster> {
  const buckets = { [NAMES.bucket]: { [NAMES.scope]: [NAMES.collection] } };
  const embedded =
    COUCHBASE_URL === undefined ? await startCouchbase({ users: { app: 'secret' }, buckets, ...more }) : null;
  const connectionString = embedded?.connectionString ?? (COUCHBASE_URL as string);
  const credentials = {
    username: embedded === null ? COUCHBASE_USERNAME : 'app',
    password: embedded === null ? COUCHBASE_PASSWORD : 'secret',
  };
  const cluster = await connect(connectionString, credentials);
  const connection = new CouchbaseConnection(() =>
    connectCouchbase({ connectionString, ...credentials, connectTimeout: 10_000 }),
  );
  return {
    cluster,
    collection: cluster.bucket(NAMES.bucket).scope(NAMES.scope).collection(NAMES.collection),
    connection,
    keyspace: NAMES,
    store: new CouchbaseStore(connection, NAMES, 10_000),
    connectionString,
    server: embedded,
    stop: async () => {
      await connection.close();
      await cluster.close();
      await embedded?.stop();
    },
  };
}
