/** Of the management service what clients and operators read: who the cluster is, and how it, its buckets and its users are set up. */
import { clusterMap, type Known } from './config.ts';

/** Paths begin with these; all else is refused. */
const SERVED = ['/pools', '/whoami', '/api/v1/functions'];

export function isManagement(path: string): boolean {
  return SERVED.some((each) => path.startsWith(each));
}

/** What a user who may log in may read; null for what is not served, and `refused` for what needs another right. */
export function management(path: string, known: Known): object | 'refused' | null {
  const [asked = ''] = path.split('?');
  const { roles, refused, functions } = known.managed();
  if (refused.some((each) => asked.startsWith(each))) return 'refused';
  if (asked === '/whoami') return { id: 'user', domain: 'local', roles };
  if (asked === '/api/v1/functions') return functions;
  const [, pools, pool, what, name = '', more, ...rest] = asked.split('/').map(decoded);
  if (pools !== 'pools' || rest.length > 0) return null;
  if (pool === undefined)
    return { uuid: known.identities.cluster, pools: [{ name: 'default', uri: '/pools/default' }] };
  if (pool !== 'default') return null;
  return name === '' ? ofCluster(what, known) : ofBucket(what, name, more, known);
}

function ofCluster(what: string | undefined, known: Known): object | null {
  const { remoteClusters, tasks } = known.managed();
  if (what === undefined) return { name: 'default', nodes: [nodeOf(known)] };
  if (what === 'remoteClusters') return remoteClusters;
  return what === 'tasks' ? tasks : null;
}

function ofBucket(
  what: string | undefined,
  name: string,
  more: string | undefined,
  known: Known,
): object | null {
  const bucket = known.buckets.get(name);
  if (bucket === undefined) return null;
  if (what === 'b' && more === undefined) return JSON.parse(clusterMap(known, bucket)) as object;
  if (what !== 'buckets') return null;
  if (more === 'scopes') return scopesOf(name, known);
  return more === undefined ? settingsOf(name, known) : null;
}

function nodeOf(known: Known): object {
  const { version, status, functions } = known.managed();
  const services = ['kv', 'n1ql', ...(functions === null ? [] : ['eventing'])];
  return {
    status,
    version,
    services,
    hostname: `127.0.0.1:${known.ports.http}`,
    ports: { direct: known.ports.kv },
  };
}

function scopesOf(bucket: string, { buckets, managed }: Known): object {
  const { maxTtl } = managed();
  const scopes = [...(buckets.get(bucket)?.scopes ?? [])].map(([name, { id, collections }]) => ({
    ...{ name, uid: id.toString(16) },
    collections: [...collections].map(([collection, uid]) => ({
      ...{
        name: collection,
        uid: uid.toString(16),
        maxTTL: maxTtl[`${name}.${collection}`] ?? 0,
        history: false,
      },
    })),
  }));
  return { uid: '1', scopes };
}

function settingsOf(name: string, known: Known): object {
  const { nodes, identities, managed } = known;
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
    ...managed().bucket,
    nodes: [nodeOf(known)],
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
