/** Many documents at once, by key. */
import pMap from 'p-map';
import type { CouchbaseState } from '../../protocol/state.ts';
import { PoisonDocument, StoreUnavailable, TooHeavy } from '../failure.ts';
import type { CouchbaseStore } from './store.ts';

/** What became of one key; that another failed is no concern of it. */
export type ReadOutcome =
  | { readonly key: string; readonly state: CouchbaseState }
  | { readonly key: string; readonly failure: StoreUnavailable | PoisonDocument };

export interface ReadOptions {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Bytes of all bodies together. Those on their way when it becomes too much still come, up to 20 MiB each. */
  readonly most: number;
  /** After so many in a row without an answer no other is asked for: the rest counts as without one, too. */
  readonly silent?: number;
}

/**
 * Reads keys that were listed; outcomes are in the order of keys. Throws `TooHeavy`, and `OperatorNeeded`, since the other
 * keys would fare no better.
 */
export function readMany(
  store: CouchbaseStore,
  keys: readonly string[],
  { concurrency, most, silent = Number.POSITIVE_INFINITY }: ReadOptions,
): Promise<ReadOutcome[]> {
  let bytes = 0;
  let unanswered = 0;
  const read = async (key: string): Promise<ReadOutcome> => {
    if (unanswered >= silent)
      return { key, failure: new StoreUnavailable(store.target(key, 'read'), false, SILENT) };
    const outcome = await readListed(store, key);
    unanswered = 'failure' in outcome && outcome.failure instanceof StoreUnavailable ? unanswered + 1 : 0;
    if ('state' in outcome) bytes += outcome.state.content?.body.length ?? 0;
    if (bytes > most)
      throw new TooHeavy(`The first documents of a batch of ${keys.length} have ${bytes} bytes`);
    return outcome;
  };
  return pMap(keys, read, { concurrency });
}

const SILENT = new Error('those before it got no answer, so it was not asked for');

async function readListed(store: CouchbaseStore, key: string): Promise<ReadOutcome> {
  try {
    const state = await store.read(key);
    return state.cas === 0n && key.includes('\ufffd')
      ? { key, failure: notUtf8(store, key) }
      : { key, state };
  } catch (failure) {
    if (failure instanceof StoreUnavailable || failure instanceof PoisonDocument) return { key, failure };
    throw failure;
  }
}

/** What the driver makes of bytes that are no UTF-8 is another key, of a document that is not there. */
function notUtf8(store: CouchbaseStore, key: string): PoisonDocument {
  const why =
    'it was listed and is not there. Either it was deleted just now, or the bytes of the real key are no UTF-8 and the ' +
    'driver cannot name it. Rename the document';
  return new PoisonDocument(store.target(key, 'read'), why);
}
