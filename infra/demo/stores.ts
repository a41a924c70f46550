/** Both stores, looked into past the API: to fill Couchbase as the old service did, and to check at the end what they hold. */
import { type Collection, DocumentNotFoundError, TimeoutError } from 'couchbase';
import { tableOf } from '../../functions/configuration/collection.ts';
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { CouchbaseState } from '../../functions/protocol/state.ts';
import { connectCouchbase } from '../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../functions/stores/couchbase/connection.ts';
import { RAW } from '../../functions/stores/couchbase/raw.ts';
import { CouchbaseStore } from '../../functions/stores/couchbase/store.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import type { Logins } from '../local/stores.ts';
import type { Place } from './app.ts';
import type { Patience } from './patience.ts';

/** Milliseconds; a document of 20 MiB takes longer. */
const [TIMEOUT, PLANTING] = [10_000, 60_000];

/** Bodies; null for nothing. */
export interface Held {
  readonly couchbase: string | null;
  readonly oracle: string | null;
}

export class BothStores {
  readonly #cluster: CouchbaseConnection;
  readonly #database: OracleConnection;
  readonly #pairs: ReadonlyMap<string, { readonly couchbase: CouchbaseStore; readonly oracle: OracleStore }>;
  readonly #settings: Parsed;
  readonly #patience: Patience;

  constructor(logins: Logins, settings: Parsed, patience: Patience) {
    this.#settings = settings;
    this.#patience = patience;
    this.#cluster = new CouchbaseConnection(() =>
      connectCouchbase({ ...logins.couchbase, connectTimeout: TIMEOUT }),
    );
    this.#database = new OracleConnection({ login: async () => logins.oracle, size: 4, timeout: TIMEOUT });
    this.#pairs = new Map(
      Object.entries(settings.collections).map(([name, { couchbase, oracle }]) => [
        name,
        {
          couchbase: new CouchbaseStore(this.#cluster, couchbase, TIMEOUT),
          oracle: new OracleStore(this.#database, tableOf(oracle), Date.now),
        },
      ]),
    );
  }

  /** As a service writes that has never heard of Crossfade: with the driver alone. */
  async upsert(place: Place, body: string): Promise<void> {
    await this.#past(place, (opened) => opened.upsert(place.key, JSON.parse(body)));
  }

  /** Writes these very bytes so, whatever any other store makes of them. */
  async plant(place: Place, bytes: Buffer): Promise<void> {
    const options = { transcoder: RAW, timeout: PLANTING };
    await this.#surely(place, (opened) => opened.upsert(place.key, bytes, options));
  }

  /** Removes a document so; it need not be there. */
  async remove(place: Place): Promise<void> {
    await this.#surely(place, (opened) =>
      opened.remove(place.key).catch((error: unknown) => {
        if (!(error instanceof DocumentNotFoundError)) throw error;
      }),
    );
  }

  /** Whether Couchbase holds a document: its body is not read. */
  isThere(place: Place): Promise<boolean> {
    return this.#surely(place, async (opened) => (await opened.exists(place.key)).exists);
  }

  /** Creates a document with these very bytes. */
  async create({ collection, key }: Place, body: string): Promise<void> {
    const content = documentFrom(Buffer.from(body), null);
    const { couchbase } = this.#of(collection);
    await this.#patience.again(`${key} is not written`, () => couchbase.upsert(key, { content }));
  }

  async held({ collection, key }: Place): Promise<Held> {
    const { couchbase, oracle } = this.#of(collection);
    const [here, there] = await this.#patience.again(`${key} is not read`, () =>
      Promise.all([couchbase.read(key), oracle.read(key)]),
    );
    const text = (content: { readonly body: Uint8Array } | null) =>
      content === null ? null : Buffer.from(content.body).toString();
    return { couchbase: text(here.content), oracle: text(there.content) };
  }

  /** What Couchbase alone holds: Oracle may be away. */
  inCouchbase({ collection, key }: Place): Promise<CouchbaseState> {
    return this.#of(collection).couchbase.read(key);
  }

  /** The rows of a query of texts, as whoever may read the tables asks it. */
  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const target = { store: 'oracle', operation: 'ask', collection: 'all', key: null } as const;
    const { rows = [] } = await this.#patience.again('the tables are not read', () =>
      this.#database.use(target, false, (session) => session.execute<(string | null)[]>(sql)),
    );
    return rows;
  }

  async close(): Promise<void> {
    await Promise.all([this.#cluster.close(), this.#database.close()]);
  }

  #surely<T>(place: Place, act: (opened: Collection) => Promise<T>): Promise<T> {
    return this.#patience.again(`${place.key} is not reached in Couchbase`, () => this.#past(place, act));
  }

  #past<T>({ collection, key }: Place, act: (opened: Collection) => Promise<T>): Promise<T> {
    const { couchbase } = this.#settings.collections[collection] ?? {};
    if (couchbase === undefined) throw new Error(`There is no collection ${collection}`);
    const target = { store: 'couchbase', operation: 'past the API', collection, key } as const;
    return this.#cluster.use(couchbase, async (opened) => {
      try {
        return await act(opened);
      } catch (error) {
        // A connection that swallows everything is given up after a few of these, and by nothing else.
        throw error instanceof TimeoutError ? new StoreUnavailable(target, true, error) : error;
      }
    });
  }

  #of(collection: string) {
    const pair = this.#pairs.get(collection);
    if (pair === undefined) throw new Error(`There is no collection ${collection}`);
    return pair;
  }
}
