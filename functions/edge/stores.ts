/** Both stores of every collection, connected when they are first used. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Parsed } from '../configuration/configuration.ts';
import { connectCouchbase } from '../stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../stores/couchbase/connection.ts';
import { CouchbaseStore } from '../stores/couchbase/store.ts';
import { OracleConnection } from '../stores/oracle/connection.ts';
import { OracleStore } from '../stores/oracle/store.ts';
import { couchbaseLogin, oracleLogin } from './secrets.ts';

export interface StorePair {
  readonly couchbase: CouchbaseStore;
  readonly oracle: OracleStore;
}

export class Stores {
  readonly #pairs: ReadonlyMap<string, StorePair>;

  /** @param secrets names of the logins in Secrets Manager. */
  constructor(
    { collections, timing, connections }: Parsed,
    client: SecretsManagerClient,
    secrets: { readonly couchbase: string; readonly oracle: string },
  ) {
    const cluster = new CouchbaseConnection(async () =>
      connectCouchbase({
        ...(await couchbaseLogin(client, secrets.couchbase)),
        connectTimeout: timing.call,
      }),
    );
    const database = new OracleConnection({
      login: () => oracleLogin(client, secrets.oracle),
      size: connections,
      timeout: timing.call,
    });
    this.#pairs = new Map(
      Object.entries(collections).map(([name, { couchbase, oracle }]) => [
        name,
        {
          couchbase: new CouchbaseStore(cluster, couchbase, timing.call),
          oracle: new OracleStore(database, { name: oracle.table, columns: oracle.columns }, Date.now),
        },
      ]),
    );
  }

  /** Throws where there is no such collection. */
  of(collection: string): StorePair {
    const pair = this.#pairs.get(collection);
    if (pair === undefined)
      throw new Error(
        `There is no collection ${JSON.stringify(collection)}, only ${[...this.#pairs.keys()].join(', ')}`,
      );
    return pair;
  }
}
