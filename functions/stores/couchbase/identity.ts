/**
 * Which bucket of which cluster answers. Their UUIDs are given when they are made, and stay through failovers, rebalances and upgrades; a
 * disaster-recovery cluster, and a bucket that was restored from a backup under the same name, have others. The management service tells
 * them to every user that may read or write data of the bucket (ns_server, "menelaus_roles": `data_reader` may read the bucket's settings).
 */
import { TimeoutError } from 'couchbase';
import { HttpExecutor, HttpMethod, type HttpResponse, HttpServiceType } from 'couchbase/dist/httpexecutor.js';
import type { Marks } from '../../records/marks.ts';
import { StoreUnavailable, type Target } from '../failure.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';

/** Milliseconds that the answer may take: the port of the management may be closed where the others are not. */
const PATIENCE = 2500;

/** None where the user may not read them. Throws the failures of `failure.ts`. @param timeout milliseconds of a call. */
export async function couchbaseMarks(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  timeout: number,
): Promise<Marks> {
  const target: Target = {
    ...{ store: 'couchbase', operation: 'identify', collection: nameOf(keyspace), key: null },
  };
  try {
    return marksOf(await asked(connection, keyspace, timeout));
  } catch (error) {
    const failure = failureOf(error, target, false);
    throw error instanceof TimeoutError ? new StoreUnavailable(target, false, error, CLOSED) : failure;
  }
}

/** How many partitions a bucket has; null where the management service does not tell. */
export async function partitionCount(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  timeout: number,
): Promise<number | null> {
  try {
    const { statusCode, body } = await asked(connection, keyspace, timeout);
    if (statusCode !== 200) return null;
    const { vBucketServerMap } = JSON.parse(body.toString('utf8')) as {
      readonly vBucketServerMap?: { readonly vBucketMap?: readonly unknown[] };
    };
    return vBucketServerMap?.vBucketMap?.length || null;
  } catch {
    return null;
  }
}

const CLOSED =
  'It is asked which bucket it is on the port of its management service, 8091 or 18091: is that open to the functions? To go on without: ' +
  'npx crossfade identity accept.';

/** The driver's own way to the management service (4.7.0). Its `getBucket` reads the UUID too, and drops it. */
function asked(connection: CouchbaseConnection, keyspace: Keyspace, longest: number): Promise<HttpResponse> {
  const path = `/pools/default/b/${encodeURIComponent(keyspace.bucket)}`;
  const timeout = Math.min(longest, PATIENCE);
  const request = { type: HttpServiceType.Management, method: HttpMethod.Get, path, timeout };
  return connection.manage(keyspace, (cluster) => new HttpExecutor(cluster.conn).request(request));
}

function marksOf({ statusCode, body }: HttpResponse): Marks {
  if (statusCode !== 200) return {};
  const { uuid, clusterUUID } = JSON.parse(body.toString('utf8')) as {
    readonly uuid?: unknown;
    readonly clusterUUID?: unknown;
  };
  // The cluster is named since 7.6 only.
  return {
    ...(typeof uuid === 'string' && uuid !== '' ? { bucket: uuid } : {}),
    ...(typeof clusterUUID === 'string' && clusterUUID !== '' ? { cluster: clusterUUID } : {}),
  };
}
