/** The stores' logins, from Secrets Manager. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import type { OracleLogin } from '../stores/oracle/login.ts';

const text = v.pipe(v.string(), v.nonEmpty('it is empty'));
const COUCHBASE = v.object({ connectionString: text, username: text, password: text });
const ORACLE = v.object({
  connectString: text,
  user: text,
  password: text,
  /** Who owns the tables, if not the user. */
  schema: v.optional(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_$#]*$/, 'it must be in capitals'))),
});

/** The secret is there, and does not say what it should. */
export class BadSecret extends Error {
  override readonly name = 'BadSecret';
}

export async function couchbaseLogin(client: SecretsManagerClient, name: string) {
  return (await secret(client, name, COUCHBASE)).login;
}

export async function oracleLogin(client: SecretsManagerClient, name: string): Promise<OracleLogin> {
  const { login, version } = await secret(client, name, ORACLE);
  return version === undefined ? login : { ...login, version };
}

async function secret<S extends v.GenericSchema>(
  client: SecretsManagerClient,
  name: string,
  schema: S,
): Promise<{ readonly login: v.InferOutput<S>; readonly version: string | undefined }> {
  const { SecretString, VersionId: version } = await client.send(
    new GetSecretValueCommand({ SecretId: name }),
  );
  const { success, output, issues } = v.safeParse(schema, parsed(SecretString ?? '', name));
  if (success) return { login: output, version };
  // Neither the value nor the issue's own words, which may quote it, go into a log.
  const members = issues.map((issue) => v.getDotPath(issue) ?? 'the whole').join(', ');
  throw new BadSecret(
    `The secret ${name} is not as it should be at: ${members}. Put it right in Secrets Manager`,
  );
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadSecret(`The secret ${name} is no JSON. Put it right in Secrets Manager`);
  }
}
