/** Who the functions log in as, which a deployment grants to: read from as many secrets as there are, and no more often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { oracleUsers } from '../../functions/edge/oracle_users.ts';
import { BadSecret } from '../../functions/edge/secrets.ts';

function secrets(values: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const client = {
    send: async ({ input: { SecretId = '' } }: GetSecretValueCommand) => {
      asked.push(SecretId);
      return { SecretString: JSON.stringify(values[SecretId]) };
    },
  } as unknown as SecretsManagerClient;
  return { client, asked };
}
const login = (user: string) => ({ connectString: 'tcps://db:2484/orders', user, password: 'p' });

test('a secret that all logins share is read once', async () => {
  const { client, asked } = secrets({ one: login('app') });
  const users = await oracleUsers(client, { serve: 'one', work: 'one', control: 'one' });
  assert.deepEqual([users, asked], [{ serve: 'APP', work: 'APP', control: 'APP' }, ['one']]);
});

test('logins with secrets of their own have users of their own', async () => {
  const { client, asked } = secrets({ a: login('api'), b: login('work') });
  const users = await oracleUsers(client, { serve: 'a', work: 'b', control: 'b' });
  assert.deepEqual([users, asked], [{ serve: 'API', work: 'WORK', control: 'WORK' }, ['a', 'b']]);
});

test('a secret that says no login fails with its name', async () => {
  const { client } = secrets({ a: login('api'), b: {} });
  await assert.rejects(
    oracleUsers(client, { serve: 'a', work: 'b', control: 'a' }),
    (error: Error) => error instanceof BadSecret && /secret b /.test(error.message),
  );
});
