/** How large documents are, without reading them: a body of 20 MiB would end the process that reads it (see `storable.ts`). */
import { DocumentNotFoundError, LookupInSpec } from 'couchbase';
import pMap from 'p-map';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';

const SPECS = [LookupInSpec.get('$document.value_bytes', { xattr: true })];

export interface SizeOptions {
  readonly concurrency: number;
  /** Milliseconds for each. */
  readonly timeout: number;
}

/** Bytes of each body, in the order of the keys; null for what is not there. */
export function sizesOf(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  keys: readonly string[],
  { concurrency, timeout }: SizeOptions,
): Promise<(number | null)[]> {
  const collection = nameOf(keyspace);
  const sizeOf = (key: string) =>
    connection.use(keyspace, async (opened) => {
      try {
        const { content } = await opened.lookupIn(key, SPECS, { timeout });
        return Number(String(content[0]?.value));
      } catch (error) {
        if (error instanceof DocumentNotFoundError) return null;
        throw failureOf(error, { store: 'couchbase', operation: 'measure', collection, key }, false);
      }
    });
  return pMap(keys, sizeOf, { concurrency });
}
