/** Ways to both stores with the logins of their secrets, opened when they are first used. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { connectCouchbase } from '../stores/couchbase/connect.ts';
import { CouchbaseConnection, WAIT } from '../stores/couchbase/connection.ts';
import type { LoginGate } from '../stores/oracle/login_gate.ts';
import { gateOver } from './logins.ts';
import { loginFrom } from './read_login.ts';
import { couchbaseLogin, oracleLogin } from './secrets.ts';

/** @param secret null where Couchbase is not kept any more. @param call milliseconds for one call. */
export function clusterOver(
  client: SecretsManagerClient,
  secret: string | null,
  call: number,
): CouchbaseConnection {
  // An opening may take as long as calls wait for it, however short their own time is.
  const connectTimeout = Math.max(call, WAIT);
  const open = async () => {
    if (secret === null)
      throw new Error('Couchbase has been retired: no collection may be in a phase that needs it');
    const login = await loginFrom(secret, () => couchbaseLogin(client, secret))();
    return connectCouchbase({ ...login, connectTimeout });
  };
  return new CouchbaseConnection(open, 2 * connectTimeout);
}

/** What all sessions in Oracle log in through. */
export function oracleGate(
  client: SecretsManagerClient,
  secret: string,
  heart: Parameters<typeof gateOver>[0],
): LoginGate {
  return gateOver(
    heart,
    loginFrom(secret, () => oracleLogin(client, secret)),
  );
}
