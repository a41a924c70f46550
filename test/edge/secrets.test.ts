/** Logins come from Secrets Manager, in our own shape or in that of AWS's rotations, and nothing of them goes into a message. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import type { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { couchbaseLogin, oracleLogin } from '../../functions/edge/secrets.ts';
import { Authority } from '../../infra/local/servers/tls/authority.ts';

const holding = (SecretString: string | undefined) =>
  ({
    send: async ({ input }: GetSecretValueCommand) => {
      assert.deepEqual(input, { SecretId: 'the-secret' });
      return { SecretString };
    },
  }) as unknown as SecretsManagerClient;
const oracle = (value: unknown) => oracleLogin(holding(JSON.stringify(value)), 'the-secret');
const couchbase = (value: unknown) => couchbaseLogin(holding(JSON.stringify(value)), 'the-secret');

const USER = { user: 'app', password: 'p4ssw0rd' };
const ORACLE = { connectString: 'tcps://db:2484/orders', ...USER };
const COUCHBASE = { connectionString: 'couchbases://cb', username: 'app', password: 'p4ssw0rd' };
/** As the templates of AWS that rotate a password want it, and keep it. */
const ROTATED = {
  engine: 'oracle',
  host: 'db',
  port: 2484,
  dbname: 'orders',
  username: 'app',
  password: 'p4ssw0rd',
};

const authority = new Authority('The CA of the shop', Date.now());
const { ca } = authority;
const { certificate, key } = authority.issue({ name: 'app' });
const sealed = createPrivateKey(key).export({
  ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p4ssphrase' },
} as const) as string;

test('a login is what the secret says, and members that nobody needs are left out', async () => {
  assert.deepEqual(await oracle({ ...ORACLE, note: 'x' }), ORACLE);
  assert.deepEqual(await oracle({ ...ORACLE, schema: 'SHOP', sslServerCertDN: 'CN=db' }), {
    ...{ ...ORACLE, schema: 'SHOP', sslServerCertDN: 'CN=db' },
  });
  assert.deepEqual(await couchbase({ ...COUCHBASE, network: 'external' }), {
    ...COUCHBASE,
    network: 'external',
  });
  const versioned = { send: async () => ({ SecretString: JSON.stringify(ORACLE), VersionId: 'v1' }) };
  assert.deepEqual(await oracleLogin(versioned as never, 'the-secret'), { ...ORACLE, version: 'v1' });
});

test('the shape of a rotated secret is taken, and the user that the rotation changes goes first', async () => {
  assert.deepEqual(await oracle(ROTATED), ORACLE);
  assert.deepEqual(await oracle({ ...ROTATED, port: '2484' }), ORACLE);
  const plain = { ...ROTATED, port: undefined, insecure: 'true' };
  assert.equal((await oracle(plain)).connectString, 'db/orders');
  const own = { ...ORACLE, host: 'elsewhere', dbname: 'other' };
  assert.equal((await oracle(own)).connectString, ORACLE.connectString);
  const alternated = { ...ORACLE, username: 'app_clone' };
  assert.equal((await oracle(alternated)).user, 'app_clone');
});

test('several secrets are one, as where RDS manages the one with the password', async () => {
  const texts: Readonly<Record<string, object>> = {
    own: { connectString: ORACLE.connectString, schema: 'SHOP' },
    'rds!db-1': { username: 'app', password: 'p4ssw0rd' },
  };
  const both = {
    send: async ({ input: { SecretId = '' } }: GetSecretValueCommand) => ({
      ...{ SecretString: JSON.stringify(texts[SecretId]), VersionId: `of ${SecretId}` },
    }),
  } as unknown as SecretsManagerClient;
  const version = 'of own+of rds!db-1';
  assert.deepEqual(await oracleLogin(both, 'own, rds!db-1'), { ...ORACLE, schema: 'SHOP', version });
});

test('certificates are taken as they are pasted, and given on as they should be', async () => {
  const pasted = [
    ca,
    ca.replaceAll('\n', ' '),
    ca.replaceAll('\n', '\\n'),
    ca.replaceAll('\n', '\r\n'),
    `# a comment\n${ca}`,
  ];
  for (const text of pasted) {
    assert.equal((await oracle({ ...ORACLE, ca: text })).ca, ca);
    assert.equal((await couchbase({ ...COUCHBASE, ca: text })).ca, ca);
  }
  const wallet = { walletContent: `${sealed}${certificate}`, walletPassword: 'p4ssphrase' };
  assert.deepEqual(await oracle({ ...ORACLE, ...wallet, ca }), {
    ...{ ...ORACLE, ...wallet, walletContent: `${sealed}${certificate}${ca}` },
  });
  const client = { clientCertificate: certificate, clientKey: key };
  const { connectionString } = COUCHBASE;
  assert.deepEqual(await couchbase({ connectionString, ca, ...client }), { connectionString, ca, ...client });
});

test('a connection without TLS, or without a check of the certificate, must be asked for', async () => {
  const plain = [
    { connectString: 'db/orders' },
    { connectString: 'tcps://db/orders?ssl_server_dn_match=no' },
    { connectString: 'tcps://db/orders?ssl_server_dn_match=yes&ssl_server_dn_match=no' },
    {
      connectString:
        '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=orders)))',
    },
  ];
  for (const each of plain) {
    await assert.rejects(
      oracle({ ...USER, ...each }),
      /at: connectString: the connection would not be .*"insecure": true/,
    );
    await assert.rejects(oracle({ ...USER, ...each, insecure: 'false' }), /"insecure": true/);
    assert.deepEqual(await oracle({ ...USER, ...each, insecure: true }), { ...USER, ...each });
  }
  for (const connectionString of [
    'couchbase://cb',
    'couchbases://cb?tls_verify=none',
    'couchbases://cb?tls_verify=peer&tls_verify=none',
  ]) {
    await assert.rejects(
      couchbase({ ...COUCHBASE, connectionString }),
      /at: connectionString: .*"insecure": true/,
    );
    assert.equal(
      (await couchbase({ ...COUCHBASE, connectionString, insecure: 'true' })).connectionString,
      connectionString,
    );
  }
});

test('a secret that is wrong is named with the members that are, and without what it holds', async () => {
  const other = authority.issue({ name: 'p4ss' });
  const wallet = { ...ORACLE, walletContent: `${sealed}${certificate}` };
  const mtls = { connectionString: 'couchbases://cb', clientCertificate: certificate, clientKey: key };
  const wrong: readonly [Promise<unknown>, RegExp][] = [
    [oracle({ ...ORACLE, user: '' }), /at: user: it is empty\./],
    [oracle({ ...ORACLE, connectString: 7, password: undefined }), /at: connectString: .*; password: /],
    // It goes into a statement as it is.
    [oracle({ ...ORACLE, schema: 'SHOP; DROP' }), /at: schema: /],
    [oracle({ ...ORACLE, schema: 'shop' }), /at: schema: /],
    [oracle({ ...ORACLE, user: undefined }), /at: user: it is missing, and so is username\./],
    [oracle({ username: 'app', password: 'p4ssw0rd' }), /at: connectString: .*secret that RDS manages/],
    [oracle({ ...ROTATED, dbname: undefined }), /at: dbname: it is missing/],
    [oracle({ ...ROTATED, host: 'db/p4ss' }), /at: host: /],
    [oracle({ ...ROTATED, port: 'p4ss' }), /at: port: /],
    [oracle({ ...ROTATED, port: 70000 }), /at: connectString: a port is none: it may be 1 to 65535/],
    [oracle({ ...ORACLE, connectString: 'tcps://db:99999/p4ss' }), /at: connectString: a port is none/],
    [
      oracle({ ...ORACLE, connectString: '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=p4ss)))' }),
      /at: connectString: a port is none/,
    ],
    [
      couchbase({ ...COUCHBASE, connectionString: 'couchbases://cb,cb2:0' }),
      /at: connectionString: a port is none: it may be 1 to 65535/,
    ],
    [oracle({ ...ROTATED, engine: 'mysql' }), /at: engine: /],
    [oracle({ ...ORACLE, ca: 'rds' }), /at: ca: rds is no certificate: put the text of https:/],
    [oracle({ ...ORACLE, ca: 'p4ss' }), /at: ca: it must be certificates as PEM/],
    [oracle({ ...ORACLE, ca: ca.replace(/MII./, 'AAAA') }), /at: ca: it must be certificates as PEM/],
    [oracle({ ...ORACLE, walletContent: 'p4ss' }), /at: walletContent: it must be the text of ewallet\.pem/],
    [oracle({ ...ORACLE, walletContent: ca }), /at: walletContent: it has no private key.* into ca\./],
    [
      oracle({ ...ORACLE, walletContent: `${other.key}${certificate}` }),
      /at: walletContent: its key belongs to none/,
    ],
    [oracle({ ...ORACLE, walletPassword: 'p4ss' }), /at: walletPassword: it is of no use/],
    [oracle(wallet), /at: walletPassword: it is missing/],
    [oracle({ ...wallet, walletPassword: 'p4ss' }), /at: walletPassword: it does not open/],
    [
      oracle({ ...ORACLE, connectString: 'tcps://db/orders?wallet_location=/p4ss' }),
      /at: connectString: the functions have no folder/,
    ],
    [oracle({ ...ORACLE, insecure: 'p4ss' }), /at: insecure: it must be true or false/],
    [couchbase({ ...COUCHBASE, connectionString: '' }), /at: connectionString: it is empty/],
    [
      couchbase({ ...COUCHBASE, connectionString: 'http://p4ss' }),
      /at: connectionString: it must begin with couchbases:/,
    ],
    [couchbase({ ...COUCHBASE, network: 'p4ss' }), /at: network: it must be external/],
    [
      couchbase({ connectionString: 'couchbases://cb' }),
      /at: username: it is missing; password: it is missing/,
    ],
    [couchbase({ ...mtls, clientKey: undefined }), /at: clientKey: it is missing/],
    [couchbase({ ...mtls, clientCertificate: undefined }), /at: clientCertificate: it is missing/],
    [
      couchbase({ ...mtls, clientKey: sealed }),
      /at: clientKey: it must be a private key as PEM, not encrypted/,
    ],
    [couchbase({ ...mtls, clientKey: other.key }), /at: clientKey: it is not the key of clientCertificate/],
    [
      couchbase({ ...mtls, connectionString: 'couchbase://cb', insecure: true }),
      /at: clientCertificate: it is of no use without/,
    ],
    [couchbase('p4ssw0rd'), /at: the whole: /],
    [oracleLogin(holding('{p4ssw0rd'), 'the-secret'), /is no JSON/],
    [oracleLogin(holding(undefined), 'the-secret'), /is no JSON/],
  ];
  for (const [login, message] of wrong)
    await assert.rejects(login, (error: Error) => {
      assert.deepEqual([error.name, error.cause], ['BadSecret', undefined]);
      assert.match(error.message, message);
      assert.match(error.message, /^The secret the-secret .* Put it right in Secrets Manager$/s);
      assert.doesNotMatch(error.message, /p4ss|DROP/);
      return true;
    });
});
