/** What GET_META says of a key: of documents, of tombstones, and of nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Collection } from 'couchbase';
import { metaOf, tombstoneOf } from '../../../functions/stores/couchbase/meta.ts';

const CAS = 1_790_000_000_000_000_001n;
const LIVE = { document_exists: true, deleted: false, cas: CAS, expiry: 7, datatype: 0x05 };
const DELETED = { ...LIVE, document_exists: false, deleted: true };
const NOTHING = { document_exists: false, deleted: false, cas: 0n, expiry: 0, datatype: 0 };

function answering(answer: object | null) {
  const asked: unknown[] = [];
  const collection = {
    _conn: {
      exists: (request: object, answered: (error: unknown, answer: unknown) => void) => {
        asked.push(request);
        if (answer === null) answered({ ctxtype: 'key_value', code: 13 }, undefined);
        else answered(null, answer);
      },
    },
    _cppDocId: (key: string) => ({ key }),
  } as unknown as Collection;
  return { asked, collection };
}

test('a document has a version to the last digit, an expiry, and attributes or none', async () => {
  const { asked, collection } = answering(LIVE);
  assert.deepEqual(await metaOf(collection, 'k', 500), { cas: CAS, expires: 7, hasAttributes: true });
  assert.deepEqual(asked, [
    { id: { key: 'k' }, partition: 0, opaque: 0, timeout: 500, wrapper_span_name: '' },
  ]);
  const plain = answering({ ...LIVE, datatype: 0x01 });
  assert.equal((await metaOf(plain.collection, 'k', 500))?.hasAttributes, false);
});

test('a tombstone is no document, and a document is no tombstone', async () => {
  const found = async (answer: object) => {
    const { collection } = answering(answer);
    return [await metaOf(collection, 'k', 500), await tombstoneOf(collection, 'k', 500)];
  };
  assert.deepEqual(await found(DELETED), [null, CAS]);
  // Some servers tell of a tombstone as of a document that is deleted.
  assert.deepEqual(await found({ ...DELETED, document_exists: true }), [null, CAS]);
  assert.deepEqual(await found(NOTHING), [null, 0n]);
  assert.equal((await found(LIVE))[1], null);
});

test('an error is that of the driver, and no answer is taken for nothing', async () => {
  const { collection } = answering(null);
  for (const asked of [metaOf(collection, 'k', 500), tombstoneOf(collection, 'k', 500)])
    await assert.rejects(asked, Error);
});
