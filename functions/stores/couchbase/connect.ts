/** Connects to Couchbase, once per process, and says clearly what is wrong if that fails. */
import { AuthenticationFailureError, type Cluster, connect } from 'couchbase';
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';

export interface CouchbaseSettings {
  /** `couchbase://host[:port],...`, or `couchbases://` for TLS. */
  readonly connectionString: string;
  readonly username: string;
  readonly password: string;
  /** Milliseconds until a connection that does not come counts as failed, whatever keeps it from coming. */
  readonly connectTimeout: number;
}

/** The driver's own traces and meters cost a fifth of a call's time; who is slow or fails is counted by our own metrics. */
const UNOBSERVED = {
  tracingConfig: { enableTracing: false },
  metricsConfig: { enableMetrics: false },
} as const;

export async function connectCouchbase(settings: CouchbaseSettings): Promise<Cluster> {
  const { connectionString, username, password, connectTimeout } = settings;
  const target: Target = {
    store: 'couchbase',
    operation: 'connect',
    collection: connectionString,
    key: null,
  };
  try {
    return await connect(connectionString, {
      username,
      password,
      // The first bounds one socket. The second bounds all of it, every address and every attempt; its default is 10 s.
      timeouts: { connectTimeout, bootstrapTimeout: connectTimeout },
      ...UNOBSERVED,
    });
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
