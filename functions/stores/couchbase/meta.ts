/**
 * What the server says of a document without looking into it, GET_META: half of what the smallest lookup costs. The driver (4.7.0)
 * asks for it to say whether a document `exists`, and keeps the rest of the answer to itself.
 */
import type { Collection } from 'couchbase';
import { errorFromCpp } from 'couchbase/dist/bindingutilities.js';

/** In the datatype of a document that has attributes, ours or others. (kv_engine, "BinaryProtocol".) */
const HAS_ATTRIBUTES = 0x04;

export interface Meta {
  readonly cas: bigint;
  /** Seconds since the epoch; 0 for none. */
  readonly expires: number;
  readonly hasAttributes: boolean;
}

/** The driver's own hooks. */
interface Hooks {
  readonly _conn: { exists(request: object, answered: (error: unknown, answer: Answer) => void): void };
  _cppDocId(key: string): object;
}
interface Answer {
  readonly document_exists: boolean;
  readonly deleted: boolean;
  readonly cas: { toString(): string };
  readonly expiry: number;
  readonly datatype: number;
}

/** Null where there is no document. Throws what the driver throws. @param timeout milliseconds */
export async function metaOf(collection: Collection, key: string, timeout: number): Promise<Meta | null> {
  const { document_exists, deleted, cas, expiry, datatype } = await asked(collection, key, timeout);
  if (!document_exists || deleted) return null;
  const hasAttributes = (datatype & HAS_ATTRIBUTES) !== 0;
  return { cas: BigInt(cas.toString()), expires: expiry, hasAttributes };
}

/**
 * The CAS of the tombstone that a deletion or an expiry has left; 0 where there is none, null where there is a document. The server tells of tombstones
 * too until it purges them, 3 days after the deletion unless told otherwise (docs.couchbase.com, "Storage", tombstones).
 * @param timeout milliseconds
 */
export async function tombstoneOf(
  collection: Collection,
  key: string,
  timeout: number,
): Promise<bigint | null> {
  const { document_exists, deleted, cas } = await asked(collection, key, timeout);
  if (deleted) return BigInt(cas.toString());
  return document_exists ? null : 0n;
}

function asked(collection: Collection, key: string, timeout: number): Promise<Answer> {
  const { _conn, _cppDocId } = collection as unknown as Hooks;
  const request = { id: _cppDocId.call(collection, key), partition: 0, opaque: 0, timeout };
  return new Promise((resolve, reject) => {
    _conn.exists({ ...request, wrapper_span_name: '' }, (error, answer) => {
      if (error) reject(errorFromCpp(error as never));
      else resolve(answer);
    });
  });
}
