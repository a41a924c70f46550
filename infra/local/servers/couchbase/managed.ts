/**
 * How the cluster is set up, as its management tells it: a test may set each of it, and wrong. The defaults are those of a new cluster of 7.6 with a
 * user who has what the operators' manual asks for, and Read-Only Admin beside it.
 */

export interface Managed {
  /** Of all nodes. */
  readonly version: string;
  readonly status: string;
  /** Of the user: `role`, and where it is about one `bucket_name`, `scope_name`, `collection_name`. */
  readonly roles: readonly Readonly<Record<string, string>>[];
  /** Users who may not write documents, whatever `roles` says. */
  readonly readers: readonly string[];
  /** Members of every bucket's settings in place of the usual ones. */
  readonly bucket: Readonly<Record<string, string | number | boolean>>;
  /** Seconds, by `scope.collection`: 0 is that of the bucket, -1 none. */
  readonly maxTtl: Readonly<Record<string, number>>;
  /** States of the primary indexes, of every collection; none where there is no index. */
  readonly indexes: readonly string[];
  /** As the management tells them. */
  readonly remoteClusters: readonly object[];
  readonly tasks: readonly object[];
  /** As the Eventing service tells them; null where no node has the service. */
  readonly functions: readonly object[] | null;
  /** Beginnings of paths that the user may not read. */
  readonly refused: readonly string[];
}

export const AS_USUAL: Managed = {
  ...{ version: '7.6.0-0-enterprise', status: 'healthy' },
  roles: [
    ...['data_reader', 'data_writer', 'query_select'].map((role) => ({ role, bucket_name: '*' })),
    { role: 'ro_admin' },
  ],
  ...{ bucket: {}, maxTtl: {}, indexes: ['online'], remoteClusters: [], tasks: [], functions: [] },
  ...{ refused: [], readers: [] },
};

/** The longest life of a document, in seconds, as the settings of its bucket and its collection come together; 0 for any. */
export function maxTtlOf({ bucket, maxTtl }: Managed, collection: string): number {
  const own = maxTtl[collection] ?? 0;
  return own === 0 ? Number(bucket.maxTTL ?? 0) : Math.max(0, own);
}

/** With what is deployed here beside what was ordered, unless no node has the service. */
export function withFunctions(managed: Managed, deployed: readonly object[]): Managed {
  const { functions } = managed;
  return functions === null ? managed : { ...managed, functions: [...functions, ...deployed] };
}
