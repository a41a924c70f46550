/** A service that is older than Crossfade: it reads, writes and deletes straight in Couchbase, with the driver alone and a login of its own. */
import {
  AuthenticationFailureError,
  type Collection,
  DocumentNotFoundError,
  DurabilityImpossibleError,
  DurabilityLevel,
  TimeoutError,
} from 'couchbase';
import { connectCouchbase } from '../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection, type Keyspace } from '../../functions/stores/couchbase/connection.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import type { Logins } from '../local/stores.ts';
import type { Place } from './app.ts';
import type { Book, Mark, Outcome } from './book.ts';
import { type Act, bodyOf, nameOf, type Surroundings } from './clients.ts';

/** Milliseconds of a call, and until a connection has come. */
const TIMEOUT = 10_000;
/** As it calls itself in the documents that it writes. */
const OLD = 99;
/** Shares of its requests that read, and that delete; the others write. */
const [READS, DELETES] = [0.3, 0.15];

/** A write that comes through is on most nodes: what a failover takes away is the old service's own trouble, and no part of this story. */
const SAFE = { durabilityLevel: DurabilityLevel.Majority, timeout: TIMEOUT };

export class OldService {
  readonly #connection: CouchbaseConnection;
  readonly #keyspace: Keyspace;
  /** Writes and deletions that Couchbase has taken from it, and that it has refused. */
  readonly counts = { taken: 0, refused: 0 };

  constructor(login: Logins['couchbase'], keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#connection = new CouchbaseConnection(() => connectCouchbase({ ...login, connectTimeout: TIMEOUT }));
  }

  /** What it does again and again with its own keys, which nobody else writes. */
  act(
    { book, caught, random }: Pick<Surroundings, 'book' | 'caught' | 'random'>,
    places: readonly Place[],
  ): Act {
    return async () => {
      const place = places[Math.floor(random() * places.length)] as Place;
      const chance = random();
      if (chance >= READS) return this.#write(book, place, chance < READS + DELETES);
      const judge = book.reading(nameOf(place));
      const held = await this.#read(place.key);
      const fault = held === 'unknown' ? null : judge(held);
      if (fault !== null) caught({ ...fault, detail: `${fault.detail}, straight in Couchbase` });
    };
  }

  /** Writes one document, or deletes it if the body is null. */
  async put(key: string, body: string | null): Promise<Outcome> {
    const outcome = await this.#use((opened) =>
      body === null ? opened.remove(key, SAFE) : opened.upsert(key, JSON.parse(body), SAFE),
    ).then(() => 'acknowledged' as const, outcomeOf);
    if (outcome === 'acknowledged') this.counts.taken++;
    if (outcome === 'refused') this.counts.refused++;
    return outcome;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #write(book: Book, place: Place, deletes: boolean): Promise<void> {
    const mark = deletes ? null : book.next(nameOf(place));
    const end = book.begin(nameOf(place), mark);
    end(await this.put(place.key, mark === null ? null : bodyOf(OLD, mark)));
  }

  /** The mark that a document has. */
  #read(key: string): Promise<Mark | 'unknown'> {
    return this.#use(async (opened) => {
      const { content } = await opened.get(key, { timeout: TIMEOUT });
      return (content as { mark?: number }).mark ?? 0;
    }).catch((error: unknown) => (error instanceof DocumentNotFoundError ? null : 'unknown'));
  }

  #use<T>(act: (opened: Collection) => Promise<T>): Promise<T> {
    const target = { store: 'couchbase', operation: 'past the API', collection: 'old', key: null } as const;
    return this.#connection.use(this.#keyspace, async (opened) => {
      try {
        return await act(opened);
      } catch (error) {
        // A connection that swallows everything is given up after a few of these, and by nothing else.
        throw error instanceof TimeoutError ? new StoreUnavailable(target, true, error) : error;
      }
    });
  }
}

/** What is not there any more was deleted, also where an attempt before has done it. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof DocumentNotFoundError) return 'acknowledged';
  const isRefused = error instanceof AuthenticationFailureError || error instanceof DurabilityImpossibleError;
  return isRefused ? 'refused' : 'unknown';
}
