/** Bodies pass the driver as the bytes that they are, and an expiry is a point in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Collection, MutateInSpec } from 'couchbase';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { contentOptions, RAW, rawSubdocuments, withBytes } from '../../../functions/stores/couchbase/raw.ts';
import { PoisonDocument } from '../../../functions/stores/failure.ts';

const TARGET = { store: 'couchbase', operation: 'upsert', collection: 'shop.orders', key: 'k' } as const;
/** No canonical form, and a number that no parser keeps. */
const BYTES = Buffer.from('{"a": 12.50, "b": 10000000000000000000001}');

test('a body is encoded as its bytes, with the flags of JSON, and decoded to the same', () => {
  const [bytes, flags] = RAW.encode(BYTES.subarray(1, 9)) as [Buffer, number];
  assert.deepEqual([bytes.toString(), flags], ['"a": 12.', 0x02000006]);
  assert.equal(RAW.decode(BYTES, flags), BYTES);
});

test('values of lookups stay bytes, and a driver without that hook is refused rather than trusted', () => {
  const collection = { _subdocDecode: () => assert.fail('parsed'), _subdocEncode: () => Buffer.alloc(0) };
  const raw = rawSubdocuments(collection as unknown as Collection) as unknown as typeof collection;
  assert.equal((raw._subdocDecode as (bytes: Buffer) => unknown)(BYTES), BYTES);
  assert.throws(() => rawSubdocuments({} as Collection), /pin 4\.7\.0, or find its new hook/);
});

test('an edit carries the very bytes', () => {
  const spec = withBytes(MutateInSpec.upsert('', {}), BYTES) as unknown as { readonly _data: Buffer };
  assert.deepEqual(spec._data, BYTES);
});

test('a write carries its expiry as a time; without one it clears what was there', () => {
  const at = Date.UTC(2026, 0, 1);
  assert.deepEqual(contentOptions(documentFrom(BYTES, at), TARGET), { expiry: new Date(at) });
  assert.deepEqual(contentOptions(documentFrom(BYTES, null), TARGET), {});
  assert.deepEqual(contentOptions(null, TARGET), {});
});

test('what could not be held is not sent', () => {
  const large = documentFrom(Buffer.alloc(21 * 1024 * 1024, 0x20), null);
  assert.throws(() => contentOptions(large, TARGET), PoisonDocument);
});
