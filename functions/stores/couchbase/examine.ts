/**
 * Reads what an operator should know of the cluster, its buckets and the login, by the login itself. Nothing is changed.
 *
 * Sources, looked up on 27 November 2026; none of it was tried on a real cluster. docs.couchbase.com/server: rest-api/rest-whoami, rest-cluster-details,
 * rest-buckets-summary, listing-scopes-and-collections (`maxTTL`), rest-xdcr-get-ref, rest-get-cluster-tasks; eventing/eventing-api, eventing-rbac;
 * learn/data/durability (`durabilityImpossibleFallback`, which it turns on with `true`; the Kubernetes operator's values are `disabled` and
 * `fallbackToActiveAck`, so everything but `disabled` and `false` counts as on). Transaction concepts of the SDKs have `_txn:atr-`; `_txn:client-record` is in
 * the sources of Couchbase's own drivers. Not found in a page: which role each path needs (rest-xdcr-intro of 7.0 alone names Full, Cluster and Replication
 * Admin for references), what a user without it is shown (a 403, or a list without what it may not see: both count as a missing right), and that CLOCK_MILLIS
 * is the clock of the query node.
 */
import { Asking } from '../asking.ts';
import type { Encryption } from '../encryption.ts';
import {
  type BucketFacts,
  type CollectionFacts,
  type CouchbaseFacts,
  type EventingFunction,
  type Fact,
  known,
  type Node,
  notGranted,
  type Role,
  unknown,
} from '../facts.ts';
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';
import { latencyOf, skewBy, type Watch } from '../measure.ts';
import { encryptionOf } from './address.ts';
import type { CouchbaseConnection, Keyspace } from './connection.ts';
import { keysOf } from './enumerate.ts';
import { failureOf } from './failure.ts';
import { hasVersionsIndex } from './listed_versions.ts';
import type { CouchbaseLogin } from './login.ts';
import { clusterReads, EVENTING_READERS, primaryIndexes, XDCR_READERS } from './management.ts';

/** Administrators who see all that a cluster has; others are shown what they may see, which may be nothing. */
const SEE_ALL = ['admin', 'ro_admin', 'cluster_admin', 'eventing_admin'];
/** By which clients of transactions find each other, in the default collection of a bucket. */
const CLIENTS = '_txn:client-record';
/** Records of transactions that are looked at, of each collection. */
const LOOKED_AT = 20;
/** All that begins with `_txn:`. */
const RECORDS = { after: '_txn:', upTo: '_txn;' };

export interface Examined {
  readonly watch: Watch;
  /** Milliseconds for one question. */
  readonly timeout: number;
  timely(): boolean;
  /** By the names of our collections; at least one. */
  readonly keyspaces: Readonly<Record<string, Keyspace>>;
  /** Whether a collection of ours takes a key; none: each takes all. */
  takes?(name: string, key: string): boolean;
}

export async function examineCouchbase(
  connection: CouchbaseConnection,
  login: () => Promise<CouchbaseLogin>,
  examined: Examined,
): Promise<CouchbaseFacts> {
  const { watch, timeout, timely, keyspaces } = examined;
  const [first] = Object.values(keyspaces);
  if (first === undefined) throw new Error('There is no collection to look at');
  const [documents, management] = [
    new Asking({ timely, missing, isSilence }),
    new Asking({ timely, missing, isSilence }),
  ];
  let encryption: Fact<Encryption> = unknown('the secret cannot be read');
  const answers = await documents.answers(async () => {
    encryption = known(encryptionOf(await login()));
    await has(connection, first, CLIENTS, timeout);
  });
  if (answers.kind !== 'read' || answers.value !== null)
    await management.answers(() => Promise.reject(NOT_REACHED));
  const reads = clusterReads(connection, first, timeout);
  const roles = await management.fact('a login', reads.roles);
  const nodes = await management.fact('a role on a bucket', reads.nodes);
  return {
    ...{ answers, roles, nodes, encryption },
    buckets: await bucketsOf(connection, examined, documents, management),
    collections: await collectionsOf(connection, examined, documents),
    replications: await management.fact(XDCR_READERS, reads.replications),
    functions: await management.fact(EVENTING_READERS, () => functionsOf(nodes, roles, reads.functions)),
    skew: await documents.fact('the query service', async () =>
      known(await skewBy(watch, () => millisecondsOf(connection, first, timeout))),
    ),
    latency: await documents.fact('data_reader', async () =>
      known(await latencyOf(watch, () => has(connection, first, CLIENTS, timeout))),
    ),
  };
}

const NOT_REACHED = new Error('Couchbase was not reached');

/** Where no node has the service there is no function. Who may not see all is shown none. */
async function functionsOf(
  nodes: Fact<readonly Node[]>,
  roles: Fact<readonly Role[]>,
  read: () => Promise<Fact<EventingFunction[]>>,
): Promise<Fact<readonly EventingFunction[]>> {
  if (nodes.kind !== 'read') return nodes;
  if (!nodes.value.some(({ services }) => services.includes('eventing'))) return known([]);
  const found = await read();
  const seesAll = roles.kind === 'read' && roles.value.some(({ role }) => SEE_ALL.includes(role));
  return found.kind === 'read' && found.value.length === 0 && !seesAll ? notGranted(EVENTING_READERS) : found;
}

const targetOf = ({ bucket, scope, collection }: Keyspace): Target => ({
  ...{ store: 'couchbase', operation: 'examine', collection: `${bucket}.${scope}.${collection}`, key: null },
});

/** Whether there is such a document. */
function has(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  key: string,
  timeout: number,
): Promise<boolean> {
  return connection.use(keyspace, async (collection) => {
    const { exists } = await collection.exists(key, { timeout }).catch((error: unknown) => {
      throw failureOf(error, targetOf(keyspace), false);
    });
    return exists;
  });
}

/** Of the node that runs the statement, since the epoch. */
function millisecondsOf(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  timeout: number,
): Promise<number> {
  return connection.use(keyspace, async (_, cluster) => {
    const { rows } = await cluster
      .query<number>('SELECT RAW CLOCK_MILLIS()', { timeout, readOnly: true })
      .catch((error: unknown) => {
        throw failureOf(error, targetOf(keyspace), false);
      });
    return Number(rows[0]);
  });
}

async function bucketsOf(
  connection: CouchbaseConnection,
  { keyspaces, timeout }: Examined,
  documents: Asking,
  management: Asking,
): Promise<Record<string, BucketFacts>> {
  const found: Record<string, BucketFacts> = {};
  for (const keyspace of Object.values(keyspaces)) {
    const { bucket } = keyspace;
    if (bucket in found) continue;
    const reads = clusterReads(connection, keyspace, timeout);
    const byDefault = { bucket, scope: '_default', collection: '_default' };
    found[bucket] = {
      settings: await management.fact('data_reader on the bucket', reads.bucket),
      maxTtl: await management.fact('data_reader on the collections', reads.maxTtl),
      transactions: await documents.fact(`data_reader on ${bucket}._default._default`, async () =>
        known(await has(connection, byDefault, CLIENTS, timeout)),
      ),
    };
  }
  return found;
}

async function collectionsOf(
  connection: CouchbaseConnection,
  { keyspaces, timeout, takes = () => true }: Examined,
  asking: Asking,
): Promise<Record<string, CollectionFacts>> {
  const found: Record<string, CollectionFacts> = {};
  for (const [name, keyspace] of Object.entries(keyspaces)) {
    const listing = await asking.fact('query_select', async () =>
      keysOf(connection, keyspace, { after: null, upTo: null }, { limit: 1, timeout }).then(
        () => known('listed' as const),
        (error: unknown) => known(whyNotListed(error)),
      ),
    );
    const listed = listing.kind === 'read' && listing.value === 'listed';
    found[name] = {
      listing,
      primaryIndexes: listed
        ? await asking.fact('Query List Index (query_list_index)', () =>
            primaryIndexes(connection, keyspace, timeout),
          )
        : unknown('its keys cannot be listed'),
      listsVersions: listed && (await hasVersionsIndex(connection, keyspace, timeout)),
      transactions: listed
        ? await asking.fact('query_select', async () => {
            const records = await keysOf(connection, keyspace, RECORDS, { limit: LOOKED_AT, timeout });
            return known(records.some((key) => takes(name, key)));
          })
        : unknown('its keys cannot be listed'),
    };
  }
  return found;
}

/** Throws what is another reason. */
function whyNotListed(error: unknown): 'noIndex' | 'missing' {
  const cause = error instanceof OperatorNeeded ? (error.cause as Error).name : '';
  if (['PlanningFailureError', 'IndexNotFoundError'].includes(cause)) return 'noIndex';
  if (['CollectionNotFoundError', 'ScopeNotFoundError', 'BucketNotFoundError'].includes(cause))
    return 'missing';
  throw error;
}

function missing(error: unknown, right: string): Fact<never> | null {
  const isRefused =
    error instanceof OperatorNeeded && (error.cause as Error).name === 'AuthenticationFailureError';
  return isRefused ? notGranted(right) : null;
}

function isSilence(error: unknown): boolean {
  return error instanceof StoreUnavailable;
}
