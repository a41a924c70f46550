/** `npm start -- --stores FILE`: stores of one's own, by what would lie in Secrets Manager. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadStores, givenSecrets } from '../../infra/local/given_stores.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const settings = checkSettings(config, 'test');
const GIVEN = {
  couchbase: { connectionString: 'couchbases://a', username: 'u', password: 'hidden-1' },
  oracle: { connectString: 'tcps://b/c', user: 'u', password: 'hidden-2', schema: 'O' },
  oracleOwner: { connectString: 'tcps://b/c', user: 'o', password: 'hidden-3' },
};

test('functions are given the secrets of the file, under the names of the configuration', () => {
  const secrets = givenSecrets('f.json', JSON.stringify(GIVEN), settings);
  for (const [member, name] of Object.entries(settings.deployment.secrets)) {
    if (name === null) continue;
    const { SecretString } = secrets.call('GetSecretValue', { SecretId: name }) as { SecretString: string };
    // A login that the file leaves out has that of the API.
    const given = member in GIVEN ? (member as keyof typeof GIVEN) : 'oracle';
    assert.deepEqual(JSON.parse(SecretString), GIVEN[given]);
  }
});

test('logs have their salt beside stores of one’s own, too', () => {
  const { deployment } = config;
  const keys = 'crossfade/keys';
  const salted = checkSettings(
    { ...config, deployment: { ...deployment, secrets: { ...deployment.secrets, keys } } },
    'test',
  );
  const secrets = givenSecrets('f.json', JSON.stringify(GIVEN), salted);
  const { SecretString } = secrets.call('GetSecretValue', { SecretId: keys }) as { SecretString: string };
  assert.ok(SecretString.length >= 32);
});

test('a file that is not as it should be is told with all that is wrong, and with nothing that it holds', () => {
  const refused = (text: string) => {
    try {
      givenSecrets('f.json', text, settings);
    } catch (error) {
      assert.ok(error instanceof BadStores, String(error));
      return error.message;
    }
    return assert.fail('it was taken');
  };
  assert.match(
    refused('password: hidden-1'),
    /^STORES_FILE: f\.json is no JSON: it must be an object with couchbase, oracle and oracleOwner/,
  );
  const { oracle: _, ...without } = GIVEN;
  const message = refused(JSON.stringify({ ...without, orcale: GIVEN.oracle }));
  assert.match(
    message,
    /^STORES_FILE: f\.json: .*oracle: it is missing.*orcale|^STORES_FILE: f\.json: .*orcale.*oracle: it is missing/,
  );
  assert.doesNotMatch(message, /hidden/);
});
