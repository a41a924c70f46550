/** How large documents are is told without reading them, in the order of their keys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentNotFoundError, UnambiguousTimeoutError } from 'couchbase';
import type { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { sizesOf } from '../../../functions/stores/couchbase/sizes.ts';
import { StoreUnavailable } from '../../../functions/stores/failure.ts';

const KEYSPACE = { bucket: 'shop', scope: 'sales', collection: 'orders' };
const OPTIONS = { concurrency: 2, timeout: 500 };

/** @param sizes of documents, as the server tells them: as bytes of JSON. */
function holding(sizes: Readonly<Record<string, string | Error>>) {
  let [under, most] = [0, 0];
  const opened = {
    lookupIn: async (key: string, _: unknown, { timeout }: { readonly timeout: number }) => {
      assert.equal(timeout, 500);
      most = Math.max(most, ++under);
      await new Promise(setImmediate);
      under--;
      const size = sizes[key] ?? new DocumentNotFoundError();
      if (size instanceof Error) throw size;
      return { content: [{ value: Buffer.from(size) }] };
    },
  };
  const use = (_: unknown, act: (collection: typeof opened) => unknown) => act(opened);
  return { connection: { use } as unknown as CouchbaseConnection, most: () => most };
}

test('sizes come in the order of the keys, null for what is not there, a few at a time', async () => {
  const { connection, most } = holding({ a: '3', c: '20971520' });
  assert.deepEqual(await sizesOf(connection, KEYSPACE, ['c', 'b', 'a'], OPTIONS), [20_971_520, null, 3]);
  assert.equal(most(), 2);
});

test('where one is not told, none is', async () => {
  const { connection } = holding({ a: '3', b: new UnambiguousTimeoutError() });
  await assert.rejects(sizesOf(connection, KEYSPACE, ['a', 'b'], OPTIONS), (error) => {
    assert.ok(error instanceof StoreUnavailable);
    assert.deepEqual([error.target.key, error.mayHaveApplied], ['b', false]);
    return true;
  });
});
