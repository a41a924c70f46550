/**
 * Keys without an index: scans of the key-value service (Couchbase 7.6 and later). Their order is none, they cannot be
 * resumed, and they have no backpressure: all that was asked for arrives, read or not.
 */
import { SamplingScan } from 'couchbase';
import type { Target } from '../failure.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';

/**
 * At most `count` keys, to choose shards by (see `shardsFrom`). The scan fills up from some vbuckets and never sees
 * the others; since vbuckets are hashes of keys, the sample is fair along the order of keys. It is no sample of documents.
 * @param seed the same one gives the same sample while the collection does not change.
 */
export function sampleKeys(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  count: number,
  seed: number,
  { timeout }: { readonly timeout: number },
): Promise<string[]> {
  const target: Target = { store: 'couchbase', operation: 'scan', collection: nameOf(keyspace), key: null };
  // Without limits of batches: the driver would send the limit of bytes for that of items.
  const options = { timeout, idsOnly: true, concurrency: 1 };
  return connection.use(keyspace, async (collection) => {
    try {
      return (await collection.scan(new SamplingScan(count, seed), options)).map(({ id }) => id);
    } catch (error) {
      throw failureOf(error, target, false);
    }
  });
}
