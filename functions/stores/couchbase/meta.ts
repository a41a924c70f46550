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
export function metaOf(collection: Collection, key: string, timeout: number): Promise<Meta | null> {
  const { _conn, _cppDocId } = collection as unknown as Hooks;
  const request = { id: _cppDocId.call(collection, key), partition: 0, opaque: 0, timeout };
  return new Promise((resolve, reject) => {
    _conn.exists({ ...request, wrapper_span_name: '' }, (error, answer) => {
      if (error) return reject(errorFromCpp(error as never));
      const { document_exists, deleted, cas, expiry, datatype } = answer;
      if (!document_exists || deleted) return resolve(null);
      const hasAttributes = (datatype & HAS_ATTRIBUTES) !== 0;
      resolve({ cas: BigInt(cas.toString()), expires: expiry, hasAttributes });
    });
  });
}
