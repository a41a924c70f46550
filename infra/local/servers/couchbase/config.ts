/** What the server tells about itself: its cluster map, its collections, and what its errors mean. */
import type { Bucket } from './bucket.ts';
import { STATUS } from './wire.ts';

export interface Ports {
  readonly kv: number;
  /** Query service, and what there is of management. */
  readonly http: number;
}

/** The cluster map of one node, with a bucket's vbuckets if one is named. */
export function clusterMap(ports: Ports, bucket: Bucket | null): string {
  const node = { services: { kv: ports.kv, mgmt: ports.http, n1ql: ports.http }, thisNode: true };
  const base = {
    rev: 1,
    revEpoch: 1,
    nodesExt: [node],
    clusterCapabilitiesVer: [1, 0],
    clusterCapabilities: {},
  };
  if (bucket === null) return JSON.stringify(base);
  return JSON.stringify({
    ...base,
    name: bucket.name,
    uuid: '0'.repeat(32),
    nodeLocator: 'vbucket',
    bucketCapabilities: ['collections', 'xattr', 'cbhello', 'nodesExt', 'rangeScan'],
    collectionsManifestUid: '1',
    nodes: [{ hostname: `$HOST:${ports.http}`, ports: { direct: ports.kv } }],
    vBucketServerMap: {
      hashAlgorithm: 'CRC',
      numReplicas: 0,
      serverList: [`$HOST:${ports.kv}`],
      vBucketMap: Array.from({ length: bucket.vbuckets }, () => [0]),
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
  return ['item-only'];
}
