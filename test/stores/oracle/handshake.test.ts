/** Connections that only an operator can mend are told at once, for what they are; what may pass stays an outage. With the real driver. */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { OperatorNeeded, StoreUnavailable, type Target } from '../../../functions/stores/failure.ts';
import { connectProblemOf } from '../../../functions/stores/oracle/connect_failure.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import type { OracleLogin } from '../../../functions/stores/oracle/login.ts';
import { listening, portOf } from '../../../infra/local/listen.ts';
import { accept, refuse } from '../../../infra/local/servers/oracle/negotiate.ts';
import { Authority, type Identity } from '../../../infra/local/servers/tls/authority.ts';
import { type TlsSettings, tlsServer } from '../../../infra/local/servers/tls/settings.ts';
import { shutPort } from '../shut_port.ts';

const NOW = Date.now();
const DAY = 86_400_000;
const TARGET: Target = { store: 'oracle', operation: 'read', collection: 'orders', key: null };
/** Whom the process trusts stays trusted: each test that wants nobody trusted has an authority of its own. */
const authority = new Authority('The CA of the shop', NOW);
const stranger = new Authority('The CA of somebody else', NOW);
const RIGHT = { name: 'db', hosts: ['127.0.0.1'] };
const server = authority.issue(RIGHT);
const LOGIN = { user: 'app', password: 'secret' };

const servers: Server[] = [];
after(() => servers.forEach((each) => void each.close()));

async function portWith(settings: TlsSettings): Promise<number> {
  const listener = await shutPort(settings);
  servers.push(listener);
  return portOf(listener);
}

/** A listener without TLS. It knows no service, and closes what is no packet of Oracle Net. */
async function plainPort(): Promise<number> {
  const listener = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => (bytes[4] === 1 ? socket.end(refuse(12514)) : socket.destroy()));
  });
  servers.push(await listening(listener, 0));
  return portOf(listener);
}

/** @param answer to the first packet of a client, or to a later one. @returns a connect string. */
async function listenerThat(answer: (first: boolean) => Buffer | null): Promise<string> {
  const listener = createServer((socket: Socket) => {
    let packets = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      const bytes = answer(packets++ === 0);
      if (bytes !== null) socket.write(bytes);
    });
  });
  servers.push(await listening(listener, 0));
  return `127.0.0.1:${portOf(listener)}/orders`;
}

/** An accepted connection, of a server of that version; `services` 8 says that it has no network encryption or the like. */
function accepting(version: number, services = 8): Buffer {
  const bytes = accept(8192);
  bytes.writeUInt16BE(version, 8);
  return bytes.fill(services, 22, 24);
}

/** One service of the four says ORA-12660: the parameters of encryption are incompatible. */
const REQUIRES_ENCRYPTION = Buffer.from(
  '0000001f060000000000deadbeef0000130000000001000002000000003174',
  'hex',
);

async function failureWith(login: OracleLogin): Promise<Error> {
  const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 5000 });
  const failure = await connection
    .use(TARGET, false, async () => {})
    .then(
      () => assert.fail('it has connected'),
      (error: Error) => error,
    );
  await connection.close();
  return failure;
}

const tcps = (port: number) => `tcps://127.0.0.1:${port}/orders`;

async function told(login: OracleLogin): Promise<string> {
  const failure = await failureWith(login);
  assert.ok(failure instanceof OperatorNeeded, String(failure));
  assert.doesNotMatch(failure.message, /again|secret:|BEGIN/);
  return /: (ORACLE_\w+): /.exec(failure.message)?.[1] ?? failure.message;
}

test('a certificate of the server that cannot be accepted is told with the reason', async () => {
  const { ca } = authority;
  const codeOf = async (identity: Identity, sslServerCertDN?: string) =>
    told({ ...LOGIN, ca, sslServerCertDN, connectString: tcps(await portWith(identity)) });
  assert.equal(await codeOf(stranger.issue(RIGHT)), 'ORACLE_TLS_UNTRUSTED');
  assert.equal(
    await codeOf(authority.issue({ ...RIGHT, until: NOW - DAY, from: NOW - 2 * DAY })),
    'ORACLE_TLS_EXPIRED',
  );
  assert.equal(
    await codeOf(authority.issue({ ...RIGHT, from: NOW + DAY, until: NOW + 2 * DAY })),
    'ORACLE_TLS_NOT_YET_VALID',
  );
  assert.equal(await codeOf(authority.issue({ name: 'db', hosts: ['db.example'] })), 'ORACLE_TLS_NAME');
  assert.equal(await codeOf(authority.issue({ name: 'db' }), 'CN=elsewhere'), 'ORACLE_TLS_NAME');
});

test('an authority that nobody has named is not trusted', async () => {
  const connectString = tcps(await portWith(new Authority('Nobody', NOW).issue(RIGHT)));
  assert.equal(await told({ ...LOGIN, connectString }), 'ORACLE_TLS_UNTRUSTED');
});

test('a server that wants a certificate of the client says so, and that it does not accept one', async () => {
  const connectString = tcps(await portWith({ ...server, clients: authority.ca, mustShow: true }));
  assert.equal(await told({ ...LOGIN, ca: authority.ca, connectString }), 'ORACLE_TLS_CLIENT_CERTIFICATE');
  // A server of Node closes the connection in that case, without the alert of other servers.
  const alert =
    'NJS-500: closed\nNJS-501: unexpectedly\nerror:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca';
  assert.match(String(connectProblemOf(new Error(alert))), /ORACLE_TLS_CLIENT_CERTIFICATE/);
});

test('a wallet that cannot be opened is told as such', async () => {
  const connectString = tcps(await portWith(server));
  for (const walletContent of [authority.ca, 'no wallet'])
    assert.equal(await told({ ...LOGIN, walletContent, connectString }), 'ORACLE_WALLET');
});

test('a port that speaks the other protocol is found out, TLS or not', async () => {
  const [plain, secure] = [await plainPort(), await portWith(server)];
  assert.equal(
    await told({ ...LOGIN, ca: authority.ca, connectString: tcps(plain) }),
    'ORACLE_TLS_PLAIN_PORT',
  );
  assert.equal(await told({ ...LOGIN, connectString: `127.0.0.1:${secure}/orders` }), 'ORACLE_TLS_WANTED');
});

test('a connect string that cannot be used is told as such', async () => {
  for (const connectString of ['ORDERS', '(DESCRIPTION=(ADDRESS=', 'ftp://db/orders', '(DESCRIPTION=)'])
    assert.equal(await told({ ...LOGIN, connectString }), 'ORACLE_CONNECT_STRING', connectString);
});

test('a database that is too old, or requires what the driver does not have, is told as such', async () => {
  const told138 = await told({
    ...LOGIN,
    connectString: await listenerThat((first) => (first ? accepting(300) : null)),
  });
  const required = await listenerThat((first) => (first ? accepting(319, 0) : REQUIRES_ENCRYPTION));
  assert.deepEqual(
    [told138, await told({ ...LOGIN, connectString: required })],
    ['ORACLE_VERSION', 'ORACLE_NATIVE_ENCRYPTION'],
  );
  const codes = ['NJS-116: password verifier type 0x939', 'NJS-529: Invalid wallet content'];
  const found = codes.map((text) => /ORACLE_\w+/.exec(String(connectProblemOf(new Error(text))))?.[0]);
  assert.deepEqual(found, ['ORACLE_PASSWORD_VERIFIER', 'ORACLE_WALLET']);
});

test('what only an operator can mend is not tried again for each call', async () => {
  let tried = 0;
  const listener = await listening(tlsServer(stranger.issue(RIGHT)), 0);
  servers.push(listener.on('connection', () => tried++));
  const login = { ...LOGIN, ca: authority.ca, connectString: tcps(portOf(listener)) };
  const connection = new OracleConnection({ login: async () => login, size: 2, timeout: 5000 });
  const calls = 50;
  for (let n = 0; n < calls; n++)
    await assert.rejects(
      connection.use(TARGET, false, async () => {}),
      /oracle read in orders: ORACLE_TLS_UNTRUSTED: /,
    );
  await connection.close();
  assert.ok(tried < calls / 2, `${tried} connections for ${calls} calls`);
});

test('a server that is away, or closes connections for no reason, is an outage that may pass', async () => {
  const closing = createServer((socket: Socket) => void socket.on('error', () => {}).destroy());
  servers.push(await listening(closing, 0));
  const away = createServer();
  const gone = portOf(await listening(away, 0));
  await new Promise((resolve) => away.close(resolve));
  for (const port of [portOf(closing), gone])
    for (const connectString of [tcps(port), `127.0.0.1:${port}/orders`]) {
      const failure = await failureWith({ ...LOGIN, ca: authority.ca, connectString });
      assert.ok(
        failure instanceof StoreUnavailable && !failure.mayHaveApplied,
        `${connectString}: ${failure}`,
      );
    }
});
