/** The answers of the management services as facts. What another version of the server leaves out is undefined. */
import type { BucketSettings, EventingFunction, Node, Place, Replication, Role } from '../facts.ts';

export type Json = Readonly<Record<string, unknown>>;

export const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

export function roleIn({ role, bucket_name, scope_name, collection_name }: Json): Role {
  return {
    role: text(role) ?? '?',
    ...{ bucket: text(bucket_name), scope: text(scope_name), collection: text(collection_name) },
  };
}

export function nodeIn({ version, status, services }: Json): Node {
  return {
    version: text(version) ?? '?',
    status: text(status) ?? '?',
    services: Array.isArray(services) ? services.map(String) : [],
  };
}

export function settingsIn(found: Json): BucketSettings {
  const { durabilityImpossibleFallback: fallback } = found;
  return {
    type: text(found.bucketType),
    replicas: number(found.replicaNumber),
    maxTtl: number(found.maxTTL),
    fallback: fallback === undefined ? undefined : String(fallback),
    eviction: text(found.evictionPolicy),
  };
}

export function ttlsIn({ scopes }: Json): Record<string, number> {
  const all = listOf(scopes).flatMap((scope) =>
    listOf(scope.collections).map(
      (each) => [`${scope.name}.${each.name}`, number(each.maxTTL) ?? 0] as const,
    ),
  );
  return Object.fromEntries(all);
}

/** Tasks of other kinds are left out. */
export function replicationsIn(tasks: unknown, clusters: unknown): Replication[] {
  return listOf(tasks).flatMap((task) =>
    task.type === 'xdcr' ? [replicationIn(task, listOf(clusters))] : [],
  );
}

/** Its target is `/remoteClusters/UUID/buckets/NAME`. */
function replicationIn({ source, target, status }: Json, clusters: readonly Json[]): Replication {
  const [, uuid = '?', bucket = '?'] =
    /remoteClusters\/([^/]+)\/buckets\/(.+)$/.exec(text(target) ?? '') ?? [];
  const cluster = clusters.find((each) => each.uuid === uuid);
  return {
    source: text(source) ?? '?',
    target: `${bucket} of ${text(cluster?.name) ?? uuid}`,
    status: text(status) ?? '?',
  };
}

export function functionIn({ appname, depcfg, settings }: Json): EventingFunction {
  const { source_bucket, source_scope, source_collection, buckets } = (depcfg ?? {}) as Json;
  const writable = listOf(buckets).filter(({ access }) => access !== 'r');
  return {
    name: text(appname) ?? '?',
    deployed: ((settings ?? {}) as Json).deployment_status === true,
    source: placeOf(source_bucket, source_scope, source_collection),
    writes: writable.map(({ bucket_name, scope_name, collection_name }) =>
      placeOf(bucket_name, scope_name, collection_name),
    ),
  };
}

/** Before 7.0 functions name a bucket alone. */
function placeOf(bucket: unknown, scope: unknown, collection: unknown): Place {
  return {
    bucket: text(bucket) ?? '?',
    ...{ scope: text(scope) ?? '_default', collection: text(collection) ?? '_default' },
  };
}
