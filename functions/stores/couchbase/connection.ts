/**
 * One connection to Couchbase per process, which outlives a network that has gone silent. After a freeze of its sandbox,
 * or behind a firewall that has forgotten it, a connection can swallow every request; the driver never gives it up by
 * itself. So after a few time-outs in a row it is abandoned, and the next call opens another.
 */
import { type Cluster, type Collection, TimeoutError } from 'couchbase';
import { StoreUnavailable } from '../failure.ts';
import { rawSubdocuments } from './raw.ts';

/** Where documents live: bucket, scope and collection. */
export interface Keyspace {
  readonly bucket: string;
  readonly scope: string;
  readonly collection: string;
}

/** A collection's full name, for messages. */
export function nameOf({ bucket, scope, collection }: Keyspace): string {
  return `${bucket}.${scope}.${collection}`;
}

/** So many calls in a row without any answer, and the connection counts as silent. */
const SILENT_AFTER = 3;

export class CouchbaseConnection {
  readonly #open: () => Promise<Cluster>;
  readonly #collections = new WeakMap<Cluster, Map<string, Collection>>();
  #cluster: Promise<Cluster> | null = null;
  #unanswered = 0;

  /** @param open connects anew; see `connectCouchbase`. */
  constructor(open: () => Promise<Cluster>) {
    this.#open = open;
  }

  /** Runs a call on the present connection, or on a new one. Whatever the call throws goes through. */
  async use<R>(
    keyspace: Keyspace,
    act: (collection: Collection, cluster: Cluster) => Promise<R>,
  ): Promise<R> {
    const opening = this.#cluster ?? this.#reopen();
    const cluster = await opening;
    try {
      const result = await act(this.#collection(cluster, keyspace), cluster);
      this.#unanswered = 0;
      return result;
    } catch (error) {
      this.#count(error, opening);
      throw error;
    }
  }

  async close(): Promise<void> {
    const cluster = await this.#cluster;
    this.#cluster = null;
    await cluster?.close();
  }

  #reopen(): Promise<Cluster> {
    const opening = this.#open();
    this.#cluster = opening;
    this.#unanswered = 0;
    opening.catch(() => {
      if (this.#cluster === opening) this.#cluster = null;
    });
    return opening;
  }

  #collection(cluster: Cluster, keyspace: Keyspace): Collection {
    const known = this.#collections.get(cluster) ?? new Map<string, Collection>();
    this.#collections.set(cluster, known);
    const name = nameOf(keyspace);
    const { bucket, scope, collection } = keyspace;
    const found =
      known.get(name) ?? rawSubdocuments(cluster.bucket(bucket).scope(scope).collection(collection));
    known.set(name, found);
    return found;
  }

  /** Any answer, a refusal too, shows that somebody is there. */
  #count(error: unknown, opening: Promise<Cluster>): void {
    const silent = error instanceof StoreUnavailable && error.cause instanceof TimeoutError;
    this.#unanswered = silent ? this.#unanswered + 1 : 0;
    if (this.#unanswered < SILENT_AFTER || this.#cluster !== opening) return;
    this.#cluster = null;
    // Nobody waits for the old one: what hangs in it may hang for ever.
    opening.then((cluster) => cluster.close()).catch(() => {});
  }
}
