/** Connects to Couchbase, once per process, and says clearly what is wrong if that fails. */
import { AuthenticationFailureError, type Cluster, connect } from 'couchbase';
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';

export interface CouchbaseSettings {
  /** `couchbase://host[:port],...`, or `couchbases://` for TLS. */
  readonly connectionString: string;
  readonly username: string;
  readonly password: string;
  /** Milliseconds until a connection that does not come counts as failed. */
  readonly connectTimeout: number;
}

export async function connectCouchbase(settings: CouchbaseSettings): Promise<Cluster> {
  const { connectionString, username, password, connectTimeout } = settings;
  const target: Target = {
    store: 'couchbase',
    operation: 'connect',
    collection: connectionString,
    key: null,
  };
  try {
    return await connect(connectionString, { username, password, timeouts: { connectTimeout } });
  } catch (error) {
    if (error instanceof AuthenticationFailureError)
      throw new OperatorNeeded(
        target,
        `the user ${username} or its password was refused. Check the secret`,
        error,
      );
    throw new StoreUnavailable(target, false, error);
  }
}
