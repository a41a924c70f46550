/** The stores' logins, from Secrets Manager. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type * as v from 'valibot';
import { issueTexts } from '../parsing/issue.ts';
import type { CouchbaseLogin } from '../stores/couchbase/login.ts';
import type { OracleLogin } from '../stores/oracle/login.ts';
import { COUCHBASE, couchbaseFrom, couchbaseProblems } from './couchbase_secret.ts';
import { secretNames } from './environment.ts';
import { ORACLE, oracleFrom, oracleProblems } from './oracle_secret.ts';

/** The secret is there, and does not say what it should. */
export class BadSecret extends Error {
  override readonly name = 'BadSecret';
}

/** Throws `BadSecret`. */
export async function couchbaseLogin(client: SecretsManagerClient, name: string): Promise<CouchbaseLogin> {
  const { value } = await secret(client, name);
  return couchbaseFrom(checked(name, COUCHBASE, value, couchbaseProblems));
}

/** Throws `BadSecret`. */
export async function oracleLogin(client: SecretsManagerClient, name: string): Promise<OracleLogin> {
  const { value, version } = await secret(client, name);
  const login = oracleFrom(checked(name, ORACLE, value, oracleProblems));
  return version === undefined ? login : { ...login, version };
}

/** Messages name members and what is expected there, never what was found: it may be a password. */
function checked<S extends v.GenericSchema>(
  name: string,
  schema: S,
  value: unknown,
  problemsOf: (value: v.InferOutput<S>) => string[],
): v.InferOutput<S> {
  const malformed = issueTexts(schema, value);
  const problems = malformed.length > 0 ? malformed : problemsOf(value as v.InferOutput<S>);
  if (problems.length === 0) return value as v.InferOutput<S>;
  throw new BadSecret(
    `The secret ${name} is not as it should be at: ${problems.join('; ')}. Put it right in Secrets Manager`,
  );
}

interface Found {
  readonly value: unknown;
  readonly version: string | undefined;
}

/** @param names one name, or several with commas between them: members of later ones go before those of earlier ones. */
async function secret(client: SecretsManagerClient, names: string): Promise<Found> {
  const [first, ...more] = await Promise.all(secretNames(names).map((name) => one(client, name)));
  if (first === undefined || more.length === 0) return first ?? { value: null, version: undefined };
  const all = [first, ...more];
  const versions = all.flatMap(({ version }) => version ?? []);
  return {
    value: Object.assign({}, ...all.map(({ value }) => value)),
    version: versions.length === 0 ? undefined : versions.join('+'),
  };
}

async function one(client: SecretsManagerClient, name: string): Promise<Found> {
  const { SecretString, VersionId: version } = await client.send(
    new GetSecretValueCommand({ SecretId: name }),
  );
  try {
    return { value: JSON.parse(SecretString ?? ''), version };
  } catch {
    throw new BadSecret(`The secret ${name} is no JSON. Put it right in Secrets Manager`);
  }
}
