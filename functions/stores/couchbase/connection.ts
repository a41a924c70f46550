/**
 * One connection to Couchbase per process, which outlives a network that has gone silent. After a freeze of its sandbox,
 * or behind a firewall that has forgotten it, a connection can swallow every request; the driver never gives it up by
 * itself. So after a few time-outs in a row it is abandoned, and the next call opens another.
 */
import { type Cluster, type Collection, TimeoutError } from 'couchbase';
import { OperatorNeeded, StoreUnavailable } from '../failure.ts';
import { NoLogin } from '../no_login.ts';
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

/** A connection that has swallowed requests to the management alone is left by its calls for so many milliseconds before it is closed. */
const LEFT = 10_000;

/** So many requests to the management without an answer, at the most, before another connection is tried. */
const UNMANAGED_MOST = 48;

/**
 * Milliseconds that a call waits for a connection that is being opened, beyond its own time: `lastCall` counts on it. The
 * opening goes on, for later calls.
 */
export const WAIT = 2000;

/** Milliseconds after which an opening counts as hung, at the least: the login has its own way to go. */
const HUNG = 10_000;

/** Milliseconds for which an opening that only an operator can mend is not tried again. */
const AGAIN = 1000;

export class CouchbaseConnection {
  readonly #open: () => Promise<Cluster>;
  readonly #hung: number;
  readonly #collections = new WeakMap<Cluster, Map<string, Collection>>();
  #cluster: Promise<Cluster> | null = null;
  #unanswered = 0;
  #unmanaged = 0;
  #patience = SILENT_AFTER;
  #opened = 0;

  /** @param open connects anew; see `connectCouchbase`. @param longest milliseconds that it may take. */
  constructor(open: () => Promise<Cluster>, longest = 0) {
    this.#open = open;
    this.#hung = Math.max(HUNG, longest);
  }

  /** The number of the present connection, or of the last one. */
  get number(): number {
    return this.#opened;
  }

  /** Runs a call on the present connection, or on a new one. Whatever the call throws goes through. */
  async use<R>(
    keyspace: Keyspace,
    act: (collection: Collection, cluster: Cluster) => Promise<R>,
  ): Promise<R> {
    const opening = this.#cluster ?? this.#reopen();
    const cluster = await inTime(opening, keyspace);
    try {
      const result = await act(this.#collection(cluster, keyspace), cluster);
      this.#unanswered = 0;
      return result;
    } catch (error) {
      this.#count(error, opening);
      throw error;
    }
  }

  /**
   * The same for a request to the management service. Its port may be closed where all others are open, so its silence says nothing of the
   * documents' calls; but a driver may also have lost track of where the service is, and never finds it again. So after a few requests in a
   * row without an answer another connection is tried: after twice as many each time, since it costs all others that are at work.
   */
  async manage<R>(keyspace: Keyspace, ask: (cluster: Cluster) => Promise<R>): Promise<R> {
    const opening = this.#cluster ?? this.#reopen();
    const cluster = await inTime(opening, keyspace);
    try {
      const answer = await ask(cluster);
      [this.#unmanaged, this.#patience] = [0, SILENT_AFTER];
      return answer;
    } catch (error) {
      if (error instanceof TimeoutError) this.#lost(opening);
      throw error;
    }
  }

  #lost(opening: Promise<Cluster>): void {
    if (this.#cluster !== opening || ++this.#unmanaged < this.#patience) return;
    this.#unmanaged = 0;
    this.#patience = Math.min(2 * this.#patience, UNMANAGED_MOST);
    this.#abandon(opening, LEFT);
  }

  async close(): Promise<void> {
    const cluster = await this.#cluster;
    this.#cluster = null;
    await cluster?.close();
  }

  #reopen(): Promise<Cluster> {
    const opening = this.#open();
    this.#cluster = opening;
    this.#opened++;
    this.#unanswered = 0;
    const hung = setTimeout(() => this.#abandon(opening), this.#hung);
    hung.unref();
    opening.then(
      () => clearTimeout(hung),
      (error: unknown) => {
        clearTimeout(hung);
        const forget = () => {
          if (this.#cluster === opening) this.#cluster = null;
        };
        // An operator is needed, and not at once: calls fail with what is known, instead of reading the secret and connecting each time.
        const lasts = error instanceof OperatorNeeded || (error instanceof NoLogin && error.forOperator);
        if (lasts) setTimeout(forget, AGAIN).unref();
        else forget();
      },
    );
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
    if (this.#unanswered >= SILENT_AFTER) this.#abandon(opening);
  }

  /** @param after milliseconds after which it is closed. */
  #abandon(opening: Promise<Cluster>, after = 0): void {
    if (this.#cluster !== opening) return;
    this.#cluster = null;
    // Nobody waits for the old one: what hangs in it may hang for ever.
    const close = () => void opening.then((cluster) => cluster.close()).catch(() => {});
    if (after === 0) close();
    else setTimeout(close, after).unref();
  }
}

function inTime(opening: Promise<Cluster>, keyspace: Keyspace): Promise<Cluster> {
  return new Promise((resolve, reject) => {
    const target = {
      store: 'couchbase',
      operation: 'connect',
      collection: nameOf(keyspace),
      key: null,
    } as const;
    const late = () => new Error(`the connection was not open after ${WAIT} ms, and goes on being opened`);
    const timer = setTimeout(() => reject(new StoreUnavailable(target, false, late())), WAIT);
    const failed = (error: unknown) => reject(error instanceof NoLogin ? error.at(target) : error);
    opening.then(resolve, failed).finally(() => clearTimeout(timer));
  });
}
