/** Keys in batches that fit into memory and into one message to Oracle. */
import type { Passed } from '../records/run.ts';

/** What one batch may hold: documents, and bytes of their bodies. A larger document goes by itself. */
export interface BatchLimits {
  readonly documents: number;
  readonly bytes: number;
}

/** What one batch holds at most, in runs and in preflight checks. */
export const BATCH: BatchLimits = { documents: 250, bytes: 4_000_000 };

/** What was passed over between two keys. */
export interface PassedOver extends Passed {
  /** Keys of the collection in which both stores agree, as their lists tell. Missing for none. */
  readonly alike?: number;
}

export interface Sized {
  readonly key: string;
  /** Null for what is not there any more. */
  readonly size: number | null;
  /** Keys that were passed over between the key before and this one; missing for none. */
  readonly passed?: PassedOver;
}

export function keysOf(batch: readonly Sized[]): string[] {
  return batch.map(({ key }) => key);
}

/** In the order of the keys, so that the last key of a batch is where the shard stands after it. */
export function* batchesOf(keys: readonly Sized[], limits: BatchLimits): Generator<readonly Sized[]> {
  let batch: Sized[] = [];
  let bytes = 0;
  for (const each of keys) {
    const size = each.size ?? 0;
    if (batch.length > 0 && (batch.length >= limits.documents || bytes + size > limits.bytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(each);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
