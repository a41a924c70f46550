/**
 * Keys without an index: scans of the key-value service (Couchbase 7.6 and later). Their order is none, they cannot be
 * resumed, and they have no backpressure: all that was asked for arrives, read or not.
 */
import { type MutationState, RangeScan, SamplingScan, ScanTerm, type ScanType } from 'couchbase';
import { byUtf8 } from '../../protocol/order.ts';
import type { Shard } from '../../protocol/shard.ts';
import type { Target } from '../failure.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';

export interface ScanOptions {
  /** Milliseconds for the whole scan. */
  readonly timeout: number;
  /** Mutations that the scan must see: scans read what is on disk, which lags behind what was acknowledged. */
  readonly consistentWith?: MutationState;
}

/** Vbuckets scanned at a time. */
const CONCURRENCY = 4;

/** All keys of a shard, in byte order. For shards whose keys fit into memory. */
export async function scanKeys(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  { after, upTo }: Shard,
  options: ScanOptions,
): Promise<string[]> {
  const start = after === null ? undefined : new ScanTerm(after, true);
  const end = upTo === null ? undefined : new ScanTerm(upTo);
  return (await scan(connection, keyspace, new RangeScan(start, end), options)).sort(byUtf8);
}

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
  options: ScanOptions,
): Promise<string[]> {
  return scan(connection, keyspace, new SamplingScan(count, seed), { ...options, concurrency: 1 });
}

function scan(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  type: ScanType,
  { timeout, consistentWith, concurrency = CONCURRENCY }: ScanOptions & { concurrency?: number },
): Promise<string[]> {
  const target: Target = { store: 'couchbase', operation: 'scan', collection: nameOf(keyspace), key: null };
  // Without limits of batches: the driver would send the limit of bytes for that of items.
  const options = { timeout, idsOnly: true, concurrency, ...(consistentWith && { consistentWith }) };
  return connection.use(keyspace, async (collection) => {
    try {
      return (await collection.scan(type, options)).map(({ id }) => id);
    } catch (error) {
      throw failureOf(error, target, false);
    }
  });
}
