/** Connects to Couchbase, once per process, and says clearly what is wrong if that fails. */
import { AuthenticationFailureError, type Cluster, connect } from 'couchbase';
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';
import { toldProblem } from '../handshake.ts';
import { encryptionOf } from './address.ts';
import { credentialsOf } from './credentials.ts';
import { problemWith } from './diagnose.ts';
import type { CouchbaseLogin } from './login.ts';

export interface CouchbaseSettings extends CouchbaseLogin {
  /** Milliseconds until a connection that does not come counts as failed, whatever keeps it from coming. */
  readonly connectTimeout: number;
}

/** The driver's own traces and meters cost a fifth of a call's time; who is slow or fails is counted by our own metrics. */
const UNOBSERVED = {
  tracingConfig: { enableTracing: false },
  metricsConfig: { enableMetrics: false },
} as const;

/** An error of the driver, which has said nothing of certificates or protocols until now. */
class Wrong extends Error {
  override readonly name = 'Wrong';
}

/** Instead of the connection string, which the secret has. */
const CLUSTER = 'the cluster of the secret';

export async function connectCouchbase(settings: CouchbaseSettings): Promise<Cluster> {
  const target: Target = {
    store: 'couchbase',
    operation: 'connect',
    collection: CLUSTER,
    key: null,
  };
  try {
    return await checked(settings);
  } catch (error) {
    if (error instanceof Wrong) throw new OperatorNeeded(target, error.message);
    if (isRefusal(error, settings)) throw new OperatorNeeded(target, refused(settings), error);
    throw new StoreUnavailable(target, false, error);
  }
}

/**
 * The driver takes a certificate that it refuses, and a port that speaks another protocol, for an outage, and tries until its time is up; and it
 * does not look whether a certificate is for the host. So the servers are asked beside it: with TLS each time, else only where it takes long.
 */
async function checked(settings: CouchbaseSettings): Promise<Cluster> {
  const opening = opened(settings);
  opening.catch(() => {});
  const { verified } = encryptionOf(settings);
  const looked = problemWith(settings, verified ? 0 : settings.connectTimeout / 4, opening).then(
    (problem) => {
      if (problem !== null) throw new Wrong(toldProblem('COUCHBASE', problem));
    },
  );
  try {
    await (verified ? looked : Promise.race([opening, looked.then(() => opening)]));
    return await opening;
  } catch (error) {
    // Whoever waits is told at once; what the driver still tries may end.
    opening.then((cluster) => cluster.close()).catch(() => {});
    throw error;
  } finally {
    looked.catch(() => {});
  }
}

async function opened(settings: CouchbaseSettings): Promise<Cluster> {
  const { connectionString, network, connectTimeout } = settings;
  const { options, discard } = await credentialsOf(settings);
  try {
    return await connect(withNetwork(connectionString, network), {
      ...options,
      // The first bounds one socket. The second bounds all of it, every address and every attempt; its default is 10 s.
      timeouts: { connectTimeout, bootstrapTimeout: connectTimeout },
      ...UNOBSERVED,
    });
  } finally {
    await discard();
  }
}

/** Which addresses of the nodes are used: the driver knows of it from the connection string alone. */
function withNetwork(connectionString: string, network: string | undefined): string {
  if (network === undefined || /[?&]network=/.test(connectionString)) return connectionString;
  return `${connectionString}${connectionString.includes('?') ? '&' : '?'}network=${network}`;
}

/** The driver logs nobody in who shows a certificate: the first thing that is asked is refused, which it does not expect. */
function isRefusal(error: unknown, { clientCertificate }: CouchbaseLogin): boolean {
  if (error instanceof AuthenticationFailureError) return true;
  return clientCertificate !== undefined && error instanceof Error && /^protocol_error/.test(error.message);
}

/** Goes into the log: neither who logs in nor where is told, which the secret says. */
function refused({ clientCertificate }: CouchbaseLogin): string {
  return clientCertificate === undefined
    ? 'the user name or the password was refused. Check `username` and `password` of the secret'
    : 'COUCHBASE_CLIENT_CERTIFICATE: the certificate of the client names no user of the cluster, or client certificates are not enabled there. Check `clientCertificate` of the secret';
}
