/** What the server tells about itself: its cluster map, its collections, and what its errors mean. */
import type { Bucket } from './bucket.ts';
import type { Nodes } from './durability.ts';
import type { Identities } from './identity.ts';
import type { Managed } from './managed.ts';
import { STATUS } from './wire.ts';

/** Stands for a node that clients do not know, in a map of vbuckets. */
const NO_NODE = -1;

export interface Ports {
  readonly kv: number;
  /** Query service, and what there is of management. */
  readonly http: number;
  /** The same with TLS; 0 where there is none. */
  readonly kvTls: number;
  readonly httpTls: number;
}

/** What every service knows of the cluster. */
export interface Known {
  /** Milliseconds since the epoch at which the process has begun. */
  readonly epoch: number;
  readonly ports: Ports;
  readonly nodes: Nodes;
  readonly identities: Identities;
  readonly buckets: ReadonlyMap<string, Bucket>;
  /** Indexes of versions, by `bucket.scope.collection`. They are gone when the process ends. */
  readonly versionsIndexes: Map<string, { readonly name: string; readonly keys: string }>;
  /** As it is set up now. */
  managed(): Managed;
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * The cluster map, with a bucket's vbuckets if one is named. The one node that clients can reach has all of them active;
 * their replicas are on nodes that no client is told of.
 */
export function clusterMap(
  { ports, nodes, identities, managed, epoch }: Known,
  bucket: Bucket | null,
): string {
  const secure = { kvSSL: ports.kvTls, mgmtSSL: ports.httpTls, n1qlSSL: ports.httpTls };
  const eventing = {
    eventingAdminPort: ports.http,
    ...(ports.kvTls === 0 ? {} : { eventingSSL: ports.httpTls }),
  };
  const services = {
    ...{ kv: ports.kv, mgmt: ports.http, n1ql: ports.http },
    ...(ports.kvTls === 0 ? {} : secure),
    ...(managed().functions === null ? {} : eventing),
  };
  const node = { services, thisNode: true };
  const base = {
    rev: 1 + nodes.changes,
    // Above that of the process before: a driver passes over a map that is older than the one that it has.
    revEpoch: epoch,
    nodesExt: [node],
    clusterCapabilitiesVer: [1, 0],
    clusterCapabilities: {},
    clusterUUID: identities.cluster,
    clusterName: 'embedded',
  };
  if (bucket === null) return JSON.stringify(base);
  return JSON.stringify({
    ...base,
    name: bucket.name,
    uuid: identities.bucket(bucket.name),
    nodeLocator: 'vbucket',
    bucketCapabilities: ['collections', 'xattr', 'cbhello', 'nodesExt', 'rangeScan', 'durableWrite'],
    collectionsManifestUid: '1',
    nodes: [{ hostname: `$HOST:${ports.http}`, ports: { direct: ports.kv } }],
    vBucketServerMap: {
      hashAlgorithm: 'CRC',
      numReplicas: nodes.replicas,
      serverList: [`$HOST:${ports.kv}`],
      vBucketMap: Array.from({ length: bucket.vbuckets }, () => [
        0,
        ...Array<number>(nodes.replicas).fill(NO_NODE),
      ]),
    },
  });
}

export function collectionsManifest(bucket: Bucket): string {
  const scopes = [...bucket.scopes].map(([name, { id, collections }]) => ({
    name,
    uid: id.toString(16),
    collections: [...collections].map(([collection, uid]) => ({ name: collection, uid: uid.toString(16) })),
  }));
  return JSON.stringify({ uid: '1', scopes });
}

/** The error map, by which clients know what to do about statuses they have never heard of. */
export function errorMap(): string {
  const errors = Object.entries(STATUS)
    .filter(([, code]) => !SUCCESSES.has(code))
    .map(([name, code]) => [code.toString(16), { name, desc: name, attrs: attributesOf(code) }]);
  return JSON.stringify({ version: 2, revision: 1, errors: Object.fromEntries(errors) });
}

const SUCCESSES: ReadonlySet<number> = new Set([STATUS.success, STATUS.scanMore, STATUS.scanComplete]);

function attributesOf(code: number): string[] {
  if (code === STATUS.busy || code === STATUS.temporaryFailure) return ['temp', 'retry-now'];
  if (code === STATUS.locked) return ['item-locked', 'item-only'];
  if (code === STATUS.syncWriteInProgress || code === STATUS.syncWriteReCommitInProgress)
    return ['item-only', 'retry-later'];
  if (code === STATUS.durabilityImpossible) return ['item-only', 'invalid-input'];
  if (code === STATUS.durabilityInvalidLevel) return ['invalid-input'];
  return ['item-only'];
}
