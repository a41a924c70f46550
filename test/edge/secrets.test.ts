/** Logins come from Secrets Manager, and nothing of them goes into a message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { couchbaseLogin, oracleLogin } from '../../functions/edge/secrets.ts';

const holding = (SecretString: string | undefined) =>
  ({
    send: async ({ input }: GetSecretValueCommand) => {
      assert.deepEqual(input, { SecretId: 'the-secret' });
      return { SecretString };
    },
  }) as unknown as SecretsManagerClient;
const oracle = (value: unknown) => oracleLogin(holding(JSON.stringify(value)), 'the-secret');
const couchbase = (value: unknown) => couchbaseLogin(holding(JSON.stringify(value)), 'the-secret');

const ORACLE = { connectString: 'db/orders', user: 'app', password: 'p4ssw0rd' };
const COUCHBASE = { connectionString: 'couchbases://cb', username: 'app', password: 'p4ssw0rd' };

test('a login is what the secret says, and members that nobody needs are left out', async () => {
  assert.deepEqual(await oracle({ ...ORACLE, engine: 'oracle' }), ORACLE);
  assert.deepEqual(await oracle({ ...ORACLE, schema: 'SHOP' }), { ...ORACLE, schema: 'SHOP' });
  assert.deepEqual(await couchbase(COUCHBASE), COUCHBASE);
  const versioned = { send: async () => ({ SecretString: JSON.stringify(ORACLE), VersionId: 'v1' }) };
  assert.deepEqual(await oracleLogin(versioned as never, 'the-secret'), { ...ORACLE, version: 'v1' });
});

test('a secret that is wrong is named with the members that are, and without what it holds', async () => {
  const wrong: readonly [Promise<unknown>, RegExp][] = [
    [oracle({ ...ORACLE, user: '' }), /at: user\./],
    [oracle({ ...ORACLE, connectString: 7, user: undefined }), /at: connectString, user\./],
    // It goes into a statement as it is.
    [oracle({ ...ORACLE, schema: 'SHOP; DROP' }), /at: schema\./],
    [oracle({ ...ORACLE, schema: 'shop' }), /at: schema\./],
    [couchbase({ ...COUCHBASE, connectionString: '' }), /at: connectionString\./],
    [couchbase('p4ssw0rd'), /at: the whole\./],
    [oracleLogin(holding('{p4ssw0rd'), 'the-secret'), /is no JSON/],
    [oracleLogin(holding(undefined), 'the-secret'), /is no JSON/],
  ];
  for (const [login, message] of wrong)
    await assert.rejects(login, (error: Error) => {
      assert.deepEqual([error.name, error.cause], ['BadSecret', undefined]);
      assert.match(error.message, message);
      assert.match(error.message, /^The secret the-secret .* Put it right in Secrets Manager$/);
      assert.doesNotMatch(error.message, /p4ss|DROP/);
      return true;
    });
});
