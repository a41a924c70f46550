/** Of the management service what clients read before they trust a cluster: who it is, and how its buckets are set up. */
import { clusterMap, type Known } from './config.ts';

/** What a user who may log in may read, or null for what is not served. */
export function management(path: string, known: Known): object | null {
  const [, pools, pool, what, name = '', more] = path.split('?')[0]?.split('/').map(decoded) ?? [];
  if (pools !== 'pools' || more !== undefined) return null;
  if (pool === undefined)
    return { uuid: known.identities.cluster, pools: [{ name: 'default', uri: '/pools/default' }] };
  const bucket = known.buckets.get(name);
  if (pool !== 'default' || bucket === undefined) return null;
  if (what === 'b') return JSON.parse(clusterMap(known, bucket)) as object;
  return what === 'buckets' ? settingsOf(name, known) : null;
}

function settingsOf(name: string, { ports, nodes, identities }: Known): object {
  const hostname = `127.0.0.1:${ports.http}`;
  const node = { status: 'healthy', version: '7.6.0-0-enterprise', services: ['kv', 'n1ql'] };
  return {
    name,
    uuid: identities.bucket(name),
    bucketType: 'membase',
    storageBackend: 'couchstore',
    quota: { rawRAM: 100 * 1024 * 1024, ram: 100 * 1024 * 1024 },
    replicaNumber: nodes.replicas,
    durabilityMinLevel: 'none',
    evictionPolicy: 'valueOnly',
    conflictResolutionType: 'seqno',
    maxTTL: 0,
    compressionMode: 'off',
    controllers: {},
    nodes: [{ ...node, hostname, ports: { direct: ports.kv } }],
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
