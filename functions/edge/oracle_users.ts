/** Who the functions log in as in Oracle. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LOGINS, type Login } from '../stores/oracle/rights.ts';
import type { Users } from '../stores/oracle/schema.ts';
import { oracleLogin } from './secrets.ts';

/**
 * The users, in capitals. Each secret is read once, however many logins share it.
 * @param secrets names of the secret of each login. Throws `BadSecret`, and what Secrets Manager says.
 */
export async function oracleUsers(
  client: SecretsManagerClient,
  secrets: Readonly<Record<Login, string>>,
): Promise<Users> {
  const names = [...new Set(Object.values(secrets))];
  const logins = await Promise.all(names.map((name) => oracleLogin(client, name)));
  const users = new Map(names.map((name, n) => [name, logins[n]?.user.toUpperCase()]));
  return Object.fromEntries(LOGINS.map((login) => [login, users.get(secrets[login])]));
}
