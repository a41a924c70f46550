/** Secrets that lead past TLS and do not say so: found out by the deployment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretStore } from '../../../infra/local/aws/secrets.ts';
import { type Stores, secretOf } from '../../../infra/local/stores.ts';
import type { CheckedSettings } from '../../../infra/settings.ts';

/** Declares the test. @param deployWith deploys with these secrets. */
export function silentSecrets(
  {
    couchbase,
    oracle,
    oracleWork = oracle,
    oracleControl = oracle,
    oracleOwner,
  }: CheckedSettings['deployment']['secrets'],
  stores: () => Stores,
  deployWith: (secrets: SecretStore) => Promise<void>,
): void {
  test('a deployment with a secret that leads past TLS, and does not say so, is refused before any function reads it', async () => {
    const { couchbase: cluster, oracle: database, logins } = stores();
    const [{ username, password }, { connectString }] = [logins.couchbase, database];
    const past = ({ user, password }: Stores['logins']['oracle']) => ({ connectString, user, password });
    const texts = [
      [couchbase ?? '', { connectionString: cluster.connectionString, username, password }],
      [oracle, past(logins.functions.serve)],
      [oracleWork, past(logins.functions.work)],
      [oracleControl, past(logins.functions.control)],
      [oracleOwner, past(logins.oracle)],
    ] as const;
    for (const [silent, login] of texts) {
      const said = texts.map(([name, each]) => [name, secretOf(each)] as const);
      const secrets = new SecretStore(new Map([...said, [silent, JSON.stringify(login)]]));
      const refused = `Names could not be made: The secret ${silent} .*not be encrypted.*"insecure": true`;
      await assert.rejects(deployWith(secrets), new RegExp(refused));
    }
  });
}
