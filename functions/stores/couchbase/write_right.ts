/** Whether a login may write documents of a collection. Nothing is changed to find out. */
import { AuthenticationFailureError, DocumentNotFoundError } from 'couchbase';
import type { Target } from '../failure.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';

/** Removes a document that is not there: the server looks at the right first. Throws as any call does. @param key of no document. @param timeout milliseconds. */
export function mayWrite(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  key: string,
  timeout: number,
): Promise<boolean> {
  const target: Target = { store: 'couchbase', operation: 'probe', collection: nameOf(keyspace), key };
  return connection.use(keyspace, async (collection) => {
    try {
      await collection.remove(key, { timeout });
      return true;
    } catch (error) {
      if (error instanceof DocumentNotFoundError) return true;
      if (error instanceof AuthenticationFailureError) return false;
      throw failureOf(error, target, true);
    }
  });
}
