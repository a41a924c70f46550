/** Both stores of a configuration, embedded, and the secrets that lead to them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { secretNames } from '../../functions/edge/environment.ts';
import { LOGINS, type Login } from '../../functions/stores/oracle/rights.ts';
import { oracleSecrets } from '../oracle_logins.ts';
import type { CheckedSettings } from '../settings.ts';
import { SecretStore } from './aws/secrets.ts';
import { type Running as Couchbase, startCouchbase } from './servers/couchbase/start.ts';
import { type Running as Oracle, startOracle } from './servers/oracle/start.ts';
import { Authority } from './servers/tls/authority.ts';

export interface Logins {
  readonly couchbase: {
    readonly connectionString: string;
    readonly username: string;
    readonly password: string;
    /** Where the connection goes over TLS: the authority, as PEM. */
    readonly ca?: string;
  };
  /** Of users of Couchbase who know nothing of Crossfade, and write past the API. */
  readonly past: Readonly<Record<Past, Logins['couchbase']>>;
  /** Of the owner of the tables: what looks past the functions, as tests do, may see everything. */
  readonly oracle: Oracles;
  /** Those that the functions have. */
  readonly functions: Readonly<Record<Login, Oracles>>;
}

interface Oracles {
  readonly connectString: string;
  readonly user: string;
  readonly password: string;
  /** Whose tables they are, where that is another user. */
  readonly schema?: string;
  readonly ca?: string;
}

export interface Stores {
  readonly couchbase: Couchbase;
  readonly oracle: Oracle;
  readonly logins: Logins;
}

/** Users of the functions, and of the owner of the tables: see the embedded Oracle's `grants`. */
const USERS: Readonly<Record<Login, string>> = {
  ...{ serve: 'crossfade', work: 'crossfade_work', control: 'crossfade_control' },
};
const OWNER = 'embedded';

/** The user of the functions in Couchbase; and an old service, and a job at night. */
const FUNCTIONS = 'crossfade';
const PAST = ['old-service', 'nightly-job'] as const;
export type Past = (typeof PAST)[number];

/**
 * @param data where they outlive the process; null for nowhere.
 * @param concurrent whether Oracle runs transactions truly at the same time, as a real one does; nothing outlives the process then.
 * @param overTls whether the logins lead to the ports with TLS, by the certificate of an authority that is made for it.
 */
export async function startStores(
  { configuration }: CheckedSettings,
  data: string | null,
  overTls = false,
  concurrent = false,
): Promise<Stores> {
  const passwords = passwordsOf([...Object.values(USERS), OWNER]);
  const users = passwordsOf([FUNCTIONS, ...PAST]);
  const authority = overTls ? new Authority('Crossfade on this machine', Date.now()) : null;
  const tls = authority === null ? {} : { tls: authority.issue({ name: 'localhost', hosts: ['127.0.0.1'] }) };
  const [couchbase, oracle] = await Promise.all([
    startCouchbase({
      ...{ users, buckets: bucketsOf(configuration) },
      ...tls,
      ...(data === null ? {} : { file: join(data, 'couchbase.sqlite') }),
    }),
    startOracle({
      ...{ service: 'crossfade', users: passwords, grants: true },
      ...{ ...tls, concurrent },
      ...(data === null ? {} : { directory: join(data, 'oracle') }),
    }),
  ]);
  const trusting = authority === null ? {} : { ca: authority.ca };
  const { connectionString } = couchbase.secure ?? couchbase;
  const { connectString } = oracle.secure ?? oracle;
  const as = (user: string) => ({ connectString, user, password: passwords[user] ?? '', ...trusting });
  const login = (name: Login) => ({ ...as(USERS[name]), schema: OWNER.toUpperCase() });
  const cluster = (username: string) => ({
    ...{ connectionString, username, password: users[username] ?? '', ...trusting },
  });
  const logins = {
    couchbase: cluster(FUNCTIONS),
    past: { 'old-service': cluster('old-service'), 'nightly-job': cluster('nightly-job') },
    oracle: as(OWNER),
    functions: { serve: login('serve'), work: login('work'), control: login('control') },
  };
  return { couchbase, oracle, logins };
}

function passwordsOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, randomBytes(12).toString('hex')]));
}

/** Per bucket and scope, the names of its collections. */
function bucketsOf(
  configuration: CheckedSettings['configuration'],
): Record<string, Record<string, string[]>> {
  const buckets: Record<string, Record<string, string[]>> = {};
  for (const { bucket, scope, collection } of keyspacesOf(configuration)) {
    const scopes = buckets[bucket] ?? {};
    buckets[bucket] = scopes;
    scopes[scope] = [...(scopes[scope] ?? []), collection];
  }
  return buckets;
}

/** Of all collections, and what certifications write into. */
function keyspacesOf({
  collections,
  certification: { scope, collection },
}: CheckedSettings['configuration']) {
  const ours = Object.values(collections).map(({ couchbase }) => couchbase);
  const buckets = [...new Set(ours.map(({ bucket }) => bucket))];
  return [...ours, ...buckets.map((bucket) => ({ bucket, scope, collection }))];
}

/** Where logins share a secret, its user is the one of the last of them: `control`, which may do most. */
export function secretsOf(
  { deployment: { secrets } }: CheckedSettings,
  { logins }: Pick<Stores, 'logins'>,
): SecretStore {
  const names = oracleSecrets(secrets);
  return new SecretStore(
    new Map([
      ...(secrets.couchbase === null ? [] : named(secrets.couchbase, secretOf(logins.couchbase))),
      ...LOGINS.flatMap((login) => named(names[login], secretOf(logins.functions[login]))),
      ...named(secrets.oracleOwner, secretOf(logins.oracle)),
      ...saltOf(secrets.keys),
    ]),
  );
}

/** The salt of the hashes that logs have instead of keys, new at each start. */
export function saltOf(name: string | null): [string, string][] {
  return name === null ? [] : [[name, randomBytes(24).toString('hex')]];
}

/** Where several secrets are one, each has all members. */
export function named(names: string, secret: string): [string, string][] {
  return secretNames(names).map((name) => [name, secret]);
}

/** A secret without an authority is one without TLS, which it must say. */
export function secretOf(login: Logins['couchbase'] | Oracles): string {
  return JSON.stringify(login.ca === undefined ? { ...login, insecure: true } : login);
}
