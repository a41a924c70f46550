/** Connections that only an operator can mend are told at once, for what they are; what may pass stays an outage. With the real driver. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import type { CertificateAuthenticator } from 'couchbase';
import { encryptionOf, endpointsOf } from '../../../functions/stores/couchbase/address.ts';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { credentialsOf } from '../../../functions/stores/couchbase/credentials.ts';
import type { CouchbaseLogin } from '../../../functions/stores/couchbase/login.ts';
import { OperatorNeeded, StoreUnavailable } from '../../../functions/stores/failure.ts';
import { listening, portOf } from '../../../infra/local/listen.ts';
import { Authority, type Identity } from '../../../infra/local/servers/tls/authority.ts';
import type { TlsSettings } from '../../../infra/local/servers/tls/settings.ts';
import { shutPort } from '../shut_port.ts';

const NOW = Date.now();
const DAY = 86_400_000;
const authority = new Authority('The CA of the cluster', NOW);
const stranger = new Authority('The CA of somebody else', NOW);
const RIGHT = { name: 'node', hosts: ['127.0.0.1'] };
const LOGIN = { username: 'app', password: 'secret' };
/** Milliseconds for a connection. The driver goes on trying for so long, whatever has been found out. */
const PATIENCE = 1000;

const servers: Server[] = [];
after(() => servers.forEach((each) => void each.close()));

async function portWith(settings: TlsSettings): Promise<number> {
  const listener = await shutPort(settings);
  servers.push(listener);
  return portOf(listener);
}

/** A data service without TLS. It answers NOOP, and closes what is no request. */
async function plainPort(): Promise<number> {
  const answer = Buffer.concat([Buffer.from([0x81, 0x0a]), Buffer.alloc(22)]);
  const listener = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) =>
      bytes[0] === 0x80 && bytes[1] === 0x0a ? socket.end(answer) : socket.destroy(),
    );
  });
  servers.push(await listening(listener, 0));
  return portOf(listener);
}

async function failureWith(login: CouchbaseLogin, connectTimeout: number): Promise<Error> {
  const cluster = await connectCouchbase({ ...login, connectTimeout }).catch((error: Error) => error);
  return cluster instanceof Error ? cluster : assert.fail('it has connected');
}

async function told(login: CouchbaseLogin): Promise<string> {
  const failure = await failureWith(login, PATIENCE);
  assert.ok(failure instanceof OperatorNeeded, String(failure));
  assert.doesNotMatch(failure.message, /again|BEGIN/);
  return /: (COUCHBASE_\w+): /.exec(failure.message)?.[1] ?? failure.message;
}

const tls = (port: number) => `couchbases://127.0.0.1:${port}`;

test('a certificate of a node that cannot be accepted is told with the reason, and not as an outage', async () => {
  const { ca } = authority;
  const codeOf = async (identity: Identity) =>
    told({ ...LOGIN, ca, connectionString: tls(await portWith(identity)) });
  assert.equal(await codeOf(stranger.issue(RIGHT)), 'COUCHBASE_TLS_UNTRUSTED');
  assert.equal(
    await codeOf(authority.issue({ ...RIGHT, until: NOW - DAY, from: NOW - 2 * DAY })),
    'COUCHBASE_TLS_EXPIRED',
  );
  assert.equal(
    await codeOf(authority.issue({ ...RIGHT, from: NOW + DAY, until: NOW + 2 * DAY })),
    'COUCHBASE_TLS_NOT_YET_VALID',
  );
  // The driver itself does not look at it.
  assert.equal(await codeOf(authority.issue({ name: 'node', hosts: ['cb.example'] })), 'COUCHBASE_TLS_NAME');
  const connectionString = tls(await portWith(authority.issue(RIGHT)));
  assert.equal(await told({ ...LOGIN, connectionString }), 'COUCHBASE_TLS_UNTRUSTED');
});

test('a node that wants a certificate of the client says so', async () => {
  const settings = { ...authority.issue(RIGHT), clients: authority.ca, mustShow: true };
  const connectionString = tls(await portWith(settings));
  assert.equal(
    await told({ ...LOGIN, ca: authority.ca, connectionString }),
    'COUCHBASE_TLS_CLIENT_CERTIFICATE',
  );
});

test('a port that speaks the other protocol is found out, TLS or not', async () => {
  assert.equal(
    await told({ ...LOGIN, ca: authority.ca, connectionString: tls(await plainPort()) }),
    'COUCHBASE_TLS_PLAIN_PORT',
  );
  const connectionString = `couchbase://127.0.0.1:${await portWith(authority.issue(RIGHT))}`;
  assert.equal(await told({ ...LOGIN, connectionString }), 'COUCHBASE_TLS_WANTED');
});

test('nodes that are away, or close connections for no reason, are an outage that may pass', async () => {
  const closing = createServer((socket: Socket) => void socket.on('error', () => {}).destroy());
  servers.push(await listening(closing, 0));
  const away = createServer();
  const gone = portOf(await listening(away, 0));
  await new Promise((resolve) => away.close(resolve));
  const places = [portOf(closing), gone].flatMap((port) => [`couchbase://127.0.0.1:${port}`, tls(port)]);
  const failures = await Promise.all(
    places.map((connectionString) => failureWith({ ...LOGIN, ca: authority.ca, connectionString }, 300)),
  );
  for (const failure of failures)
    assert.ok(failure instanceof StoreUnavailable && !failure.mayHaveApplied, String(failure));
});

test('a port that is none ends no process', async () => {
  for (const scheme of ['couchbases', 'couchbase']) {
    const failure = await failureWith(
      { ...LOGIN, connectionString: `${scheme}://127.0.0.1:99999` },
      PATIENCE,
    );
    assert.ok(failure instanceof StoreUnavailable, String(failure));
  }
});

test('a user and a password in front of the host go into no message', async () => {
  const connectionString = 'couchbase://app:p4ssw0rd@127.0.0.1:1';
  const { message } = await failureWith({ ...LOGIN, connectionString }, 300);
  assert.match(message, /^couchbase connect in the cluster of the secret: /);
  assert.doesNotMatch(message, /127\.0\.0\.1|app:|p4ss/);
});

test('a connection string says its nodes, and whether the connection is encrypted and checked', async () => {
  assert.deepEqual(await endpointsOf('couchbases://a,b:1234;[::1]/shop?network=external'), [
    { host: 'a', port: 11207 },
    { host: 'b', port: 1234 },
    { host: '::1', port: 11207 },
  ]);
  assert.deepEqual(await endpointsOf('couchbase://10.0.0.1'), [{ host: '10.0.0.1', port: 11210 }]);
  const safe = (connectionString: string) => {
    const { encrypted, verified } = encryptionOf({ connectionString });
    return [encrypted, verified];
  };
  assert.deepEqual(safe('couchbases://a'), [true, true]);
  assert.deepEqual(safe('couchbase://a'), [false, false]);
  assert.deepEqual(safe('couchbases://a?x=1&tls_verify=none'), [true, false]);
  const { how } = encryptionOf({ connectionString: 'couchbases://cb.x.cloud.couchbase.com' });
  assert.match(how, /by the authority of Couchbase Capella/);
});

test('certificates lie in files that nobody else may read, and only until the connection is open', async () => {
  const { certificate, key } = authority.issue({ name: 'app' });
  const { options, discard } = await credentialsOf({
    ...{
      connectionString: 'couchbases://cb',
      ca: authority.ca,
      clientCertificate: certificate,
      clientKey: key,
    },
  });
  const { certificatePath, keyPath } = options.authenticator as CertificateAuthenticator;
  const paths = [options.security?.trustStorePath ?? '', certificatePath, keyPath];
  assert.deepEqual(await Promise.all(paths.map((path) => readFile(path, 'utf8'))), [
    authority.ca,
    certificate,
    key,
  ]);
  for (const path of paths) assert.equal((await stat(path)).mode & 0o077, 0);
  await discard();
  for (const path of paths) await assert.rejects(stat(path), { code: 'ENOENT' });
});
