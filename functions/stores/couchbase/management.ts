/** What the management services of a cluster tell, over the driver's own way to them and with the same login. */
import { TimeoutError } from 'couchbase';
import { HttpExecutor, HttpMethod, HttpServiceType } from 'couchbase/dist/httpexecutor.js';
import type { BucketSettings, EventingFunction, Fact, Node, Replication, Role } from '../facts.ts';
import { known, notGranted, unknown } from '../facts.ts';
import { StoreUnavailable, type Target } from '../failure.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';
import {
  functionIn,
  type Json,
  listOf,
  nodeIn,
  replicationsIn,
  roleIn,
  settingsIn,
  ttlsIn,
} from './management_answers.ts';

/** Milliseconds that an answer may take: the port may be closed where the others are not. */
const PATIENCE = 2500;
const CLOSED = 'Is the port of the management service, 8091 or 18091, open to this side?';
const [REFUSED, UNAUTHORIZED] = [403, 401];

/** The roles whose users see all replications, and all functions. */
export const XDCR_READERS = 'the role Read-Only Admin (ro_admin) or XDCR Admin (replication_admin)';
export const EVENTING_READERS = 'the role Read-Only Admin (ro_admin) or Eventing Admin (eventing_admin)';

/** Each rejects with the failures of `failure.ts` where there is no answer. @param timeout milliseconds of a call. */
export function clusterReads(connection: CouchbaseConnection, keyspace: Keyspace, timeout: number) {
  const bucket = `/pools/default/buckets/${encodeURIComponent(keyspace.bucket)}`;
  const ask = (path: string, right: string, type = HttpServiceType.Management) =>
    answered(connection, keyspace, { path, type, timeout: Math.min(timeout, PATIENCE) }, right);
  return {
    roles: async (): Promise<Fact<Role[]>> =>
      changed(await ask('/whoami', 'a login'), (found) => listOf(found.roles).map(roleIn)),
    nodes: async (): Promise<Fact<Node[]>> =>
      changed(await ask('/pools/default', 'a role on a bucket'), (found) => listOf(found.nodes).map(nodeIn)),
    bucket: async (): Promise<Fact<BucketSettings>> =>
      changed(await ask(bucket, 'data_reader on the bucket'), settingsIn),
    maxTtl: async (): Promise<Fact<Record<string, number>>> =>
      changed(await ask(`${bucket}/scopes`, 'data_reader on the collections'), ttlsIn),
    /** Only who may read the references to other clusters is told the replications to them. */
    replications: async (): Promise<Fact<Replication[]>> => {
      const clusters = await ask('/pools/default/remoteClusters', XDCR_READERS);
      if (clusters.kind !== 'read') return clusters;
      const tasks = await ask('/pools/default/tasks', XDCR_READERS);
      return changed(tasks, (found) => replicationsIn(found, clusters.value));
    },
    functions: async (): Promise<Fact<EventingFunction[]>> =>
      changed(await ask('/api/v1/functions', EVENTING_READERS, HttpServiceType.Eventing), (found) =>
        listOf(found).map(functionIn),
      ),
  };
}

/** States of the primary indexes of a collection. Rejects likewise. */
export async function primaryIndexes(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  timeout: number,
): Promise<Fact<string[]>> {
  const all = await connection.use(keyspace, (collection) =>
    collection
      .queryIndexes()
      .getAllIndexes({ timeout })
      .catch((error: unknown) => {
        throw failureOf(error, targetOf(keyspace), false);
      }),
  );
  return known(all.filter(({ isPrimary }) => isPrimary).map(({ state }) => state));
}

const targetOf = (keyspace: Keyspace): Target => ({
  ...{ store: 'couchbase', operation: 'examine', collection: nameOf(keyspace), key: null },
});

async function answered(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  {
    path,
    type,
    timeout,
  }: { readonly path: string; readonly type: HttpServiceType; readonly timeout: number },
  right: string,
): Promise<Fact<Json>> {
  const request = { ...{ type, path, timeout }, method: HttpMethod.Get };
  const send = () =>
    connection.manage(keyspace, (cluster) => new HttpExecutor(cluster.conn).request(request));
  const { statusCode, body } = await send().catch((error: unknown) => {
    const failure = failureOf(error, targetOf(keyspace), false);
    throw error instanceof TimeoutError
      ? new StoreUnavailable(targetOf(keyspace), false, error, CLOSED)
      : failure;
  });
  if (statusCode === REFUSED || statusCode === UNAUTHORIZED) return notGranted(right);
  if (statusCode !== 200) return unknown(`GET ${path} is answered ${statusCode}`);
  try {
    return known(JSON.parse(body.toString('utf8')) as Json);
  } catch {
    return unknown(`GET ${path} is answered with no JSON`);
  }
}

function changed<From, To>(fact: Fact<From>, change: (value: From) => To): Fact<To> {
  return fact.kind === 'read' ? known(change(fact.value)) : fact;
}
