/** Both stores of a configuration, embedded, and the secrets that lead to them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CheckedSettings } from '../settings.ts';
import { SecretStore } from './aws/secrets.ts';
import { type Running as Couchbase, startCouchbase } from './servers/couchbase/start.ts';
import { type Running as Oracle, startOracle } from './servers/oracle/start.ts';

export interface Logins {
  readonly couchbase: {
    readonly connectionString: string;
    readonly username: string;
    readonly password: string;
    /** Where the connection goes over TLS: the authority, as PEM. */
    readonly ca?: string;
  };
  readonly oracle: {
    readonly connectString: string;
    readonly user: string;
    readonly password: string;
    readonly ca?: string;
  };
}

export interface Stores {
  readonly couchbase: Couchbase;
  readonly oracle: Oracle;
  readonly logins: Logins;
  readonly ownerPassword: string;
}

/** @param data where they outlive the process; null for nowhere. */
export async function startStores({ configuration }: CheckedSettings, data: string | null): Promise<Stores> {
  const [password, ownerPassword] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
  const buckets: Record<string, Record<string, string[]>> = {};
  for (const { couchbase } of Object.values(configuration.collections)) {
    const scopes = buckets[couchbase.bucket] ?? {};
    buckets[couchbase.bucket] = scopes;
    scopes[couchbase.scope] = [...(scopes[couchbase.scope] ?? []), couchbase.collection];
  }
  const users = { crossfade: password };
  const [couchbase, oracle] = await Promise.all([
    startCouchbase({ users, buckets, ...(data === null ? {} : { file: join(data, 'couchbase.sqlite') }) }),
    startOracle({
      service: 'crossfade',
      users: { ...users, owner: ownerPassword },
      ...(data === null ? {} : { directory: join(data, 'oracle') }),
    }),
  ]);
  const logins = {
    couchbase: { connectionString: couchbase.connectionString, username: 'crossfade', password },
    oracle: { connectString: oracle.connectString, user: 'crossfade', password },
  };
  return { couchbase, oracle, logins, ownerPassword };
}

export function secretsOf(
  { deployment: { secrets } }: CheckedSettings,
  { logins, ownerPassword }: Stores,
): SecretStore {
  const owner = { ...logins.oracle, user: 'owner', password: ownerPassword };
  return new SecretStore(
    new Map([
      ...(secrets.couchbase === null ? [] : ([[secrets.couchbase, secretOf(logins.couchbase)]] as const)),
      [secrets.oracle, secretOf(logins.oracle)],
      [secrets.oracleOwner, secretOf(owner)],
    ]),
  );
}

/** A secret without an authority is one without TLS, which it must say. */
export function secretOf(login: Logins['couchbase'] | Logins['oracle']): string {
  return JSON.stringify(login.ca === undefined ? { ...login, insecure: true } : login);
}
