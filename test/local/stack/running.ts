/** A stack on this machine for tests: short times, and clients for its API and both of its stores. */
import assert from 'node:assert/strict';
import { Ledger } from '../../../functions/books/ledger.ts';
import { Letters } from '../../../functions/books/letters.ts';
import { phaseOf } from '../../../functions/phases/parameters.ts';
import type { Phase } from '../../../functions/protocol/phase.ts';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import type { ParameterStore } from '../../../infra/local/aws/parameters.ts';
import type { Gateway } from '../../../infra/local/gateway.ts';
import type { Local } from '../../../infra/local/start.ts';
import type { Logins } from '../../../infra/local/stores.ts';
import { type CheckedSettings, checkSettings } from '../../../infra/settings.ts';
import config from '../../shop.config.ts';

/** As short as they can be: a bake is 9 seconds, and a cold start on a busy machine has time. */
const TIMING = { lease: 1000, refresh: 0, request: 8000, call: 2000, backfill: 20_000 };

/** What Oracle can never take is set aside, so that the tests have dead letters. */
const collections = {
  ...config.collections,
  orders: { ...config.collections.orders, unstorable: 'accept' as const },
};

export const SETTINGS: CheckedSettings = checkSettings(
  { ...config, collections, timing: TIMING, shadowReads: 0 },
  'test',
);

const { oracleWork: _, oracleControl: __, ...secrets } = SETTINGS.deployment.secrets;
/** The same with one login into Oracle for all functions, as deployments of before have it. */
export const ONE_LOGIN: CheckedSettings = { ...SETTINGS, deployment: { ...SETTINGS.deployment, secrets } };

/** As the phase controller does, for `orders`. @param ago milliseconds since the phase began: a request's time after it was written. */
export function enter(parameters: ParameterStore, phase: Phase, ago = 0, collection = 'orders'): void {
  const since = Date.now() - ago;
  const Value = JSON.stringify({ phase, since, by: 'test' });
  const change = { Name: phaseOf('/crossfade', collection), Value, Overwrite: true };
  parameters.callAt(since - TIMING.request, 'PutParameter', change, 'test');
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly etag: string;
  readonly phase: string;
}

export type Ask = (
  method: string,
  key: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Asks for documents of `orders`, as an app does. */
export async function app({ url, token }: Gateway): Promise<Ask> {
  const authorization = `Bearer ${await token('test')}`;
  return async (method, key, body, headers = {}) => {
    const response = await fetch(`${url}/v1/collections/orders/documents?key=${encodeURIComponent(key)}`, {
      method,
      headers: {
        authorization,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      body: await response.text(),
      etag: response.headers.get('etag') ?? '',
      phase: response.headers.get('crossfade-phase') ?? '',
    };
  };
}

export interface BothStores {
  readonly couchbase: CouchbaseStore;
  /** What certifications write into. */
  readonly scratch: CouchbaseStore;
  readonly oracle: OracleStore;
  readonly ledger: Ledger;
  readonly letters: Letters;
  /** What each of them holds for a key: bodies, or null. */
  bodies(key: string): Promise<{ couchbase: string | null; oracle: string | null }>;
  close(): Promise<void>;
}

/** Looks into both stores of `orders`, past the API. */
export function bothStores(logins: Logins): BothStores {
  const cluster = new CouchbaseConnection(() =>
    connectCouchbase({ ...logins.couchbase, connectTimeout: 5000 }),
  );
  const database = new OracleConnection({ login: async () => logins.oracle, size: 2, timeout: 30_000 });
  const couchbase = new CouchbaseStore(cluster, config.collections.orders.couchbase, 5000);
  const { scope, collection } = SETTINGS.configuration.certification;
  const scratch = new CouchbaseStore(cluster, { bucket: 'shop', scope, collection }, 5000);
  const oracle = new OracleStore(database, { name: 'ORDERS', columns: [], projections: [] }, Date.now);
  const text = (content: { body: Uint8Array } | null) =>
    content === null ? null : Buffer.from(content.body).toString();
  return {
    ...{ couchbase, scratch, oracle, ledger: new Ledger(database), letters: new Letters(database) },
    bodies: async (key) => ({
      couchbase: text((await couchbase.read(key)).content),
      oracle: text((await oracle.read(key)).content),
    }),
    close: async () => {
      await Promise.all([cluster.close(), database.close()]);
    },
  };
}

/** Stops it all. Throws where a function was refused something by Oracle for want of a grant: it may pass over that, and tell nobody. */
export async function endStack(local: Pick<Local, 'oracle' | 'stop'>, stores: BothStores): Promise<void> {
  const refused = await local.oracle.refused();
  await stores.close();
  await local.stop();
  assert.deepEqual(refused, []);
}

/** Looks again and again until it is so. Throws what was last seen where it never is. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  is: (seen: T) => boolean,
  within = 60_000,
): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const seen = await look();
    if (is(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Never came to be; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
