/** The documents of many keys, read at the same time, as far as that goes well. */
import pMap from 'p-map';
import type { CouchbaseState } from '../../protocol/state.ts';
import { PoisonDocument } from '../failure.ts';
import type { Answers } from '../port.ts';

export interface ReadAlongOptions {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Bytes of all bodies together, after which no more are read. Those on their way still come. */
  readonly most: number;
  /** Whether a call that begins now ends in time. */
  readonly timely: () => boolean;
}

/** In the order of the keys. Null for what was not read: once a call has failed, no other begins. Never rejects. */
export function readAlong(
  store: Pick<Answers<'couchbase'>, 'read'>,
  keys: readonly string[],
  { concurrency, most, timely }: ReadAlongOptions,
): Promise<(CouchbaseState | null)[]> {
  let bytes = 0;
  let failed = false;
  const read = async (key: string) => {
    if (failed || bytes > most || !timely()) return null;
    try {
      const state = await store.read(key, {});
      bytes += state.content?.body.length ?? 0;
      return state;
    } catch (error) {
      // A key that the store cannot have says nothing about the store.
      failed ||= !(error instanceof PoisonDocument);
      return null;
    }
  };
  return pMap(keys, read, { concurrency });
}
