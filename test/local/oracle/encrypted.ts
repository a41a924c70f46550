/** TCPS: sessions over TLS with an authority of one's own, a wallet, several addresses; and sessions of the server's pool. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import type { OracleLogin } from '../../../functions/stores/oracle/login.ts';
import { listening, portOf } from '../../../infra/local/listen.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';
import { Authority } from '../../../infra/local/servers/tls/authority.ts';
import type { TlsSettings } from '../../../infra/local/servers/tls/settings.ts';

const authority = new Authority('The CA of the shop', Date.now());
const LOGIN = { user: 'app', password: 'secret' };
const TARGET = { store: 'oracle', operation: 'read', collection: 'orders', key: null } as const;

/** Of the server: it asks clients for a certificate, and takes them without. */
export const ENCRYPTED: TlsSettings = {
  ...authority.issue({ name: 'db', hosts: ['127.0.0.1', 'localhost'] }),
  clients: authority.ca,
};

async function using<R>(login: OracleLogin, act: (ask: () => Promise<unknown>) => Promise<R>): Promise<R> {
  const connection = new OracleConnection({ login: async () => login, size: 2, timeout: 10_000 });
  try {
    return await act(() =>
      connection.use(TARGET, false, async (session) => (await session.execute('SELECT 1 FROM dual')).rows),
    );
  } finally {
    await connection.close();
  }
}

/** Declares the tests. @param server with TLS by `ENCRYPTED`, and the user `app`, whose password is `secret`. */
export function encrypted(server: () => Running): void {
  const { ca } = authority;
  const secure = () => server().secure ?? assert.fail('it speaks no TLS');
  const answers = (login: OracleLogin) => using(login, (ask) => ask());

  test('a session goes over TLS where the authority is named, and calls have the same answers', async () => {
    const { connectString } = secure();
    assert.match(connectString, /^tcps:/);
    assert.deepEqual(await answers({ ...LOGIN, ca, connectString }), [[1]]);
  });

  test('a wallet with a key that is encrypted opens a session, by its certificate and the password', async () => {
    const { certificate, key } = authority.issue({ name: 'app' });
    const sealed = createPrivateKey(key).export({
      ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' },
    } as const);
    const wallet = { walletContent: `${sealed}${certificate}${ca}`, walletPassword: 'open' };
    assert.deepEqual(await answers({ ...LOGIN, ...wallet, connectString: secure().connectString }), [[1]]);
  });

  test('a descriptor with several addresses leads to the one that answers, and the name is checked there', async () => {
    const away = createServer();
    const gone = portOf(await listening(away, 0));
    await new Promise((resolve) => away.close(resolve));
    const addresses = [gone, secure().port].map(
      (port) => `(ADDRESS=(PROTOCOL=TCPS)(HOST=localhost)(PORT=${port}))`,
    );
    const connectString = `(DESCRIPTION=(ADDRESS_LIST=${addresses.join('')})(CONNECT_DATA=(SERVICE_NAME=orders))(SECURITY=(SSL_SERVER_CERT_DN="CN=db")))`;
    assert.deepEqual(await answers({ ...LOGIN, ca, connectString }), [[1]]);
  });

  test('a secret that has been put right is read again', {
    timeout: 60_000,
  }, async () => {
    const right = { ...LOGIN, ca, connectString: secure().connectString };
    let login: OracleLogin = { ...right, sslServerCertDN: 'CN=elsewhere' };
    const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 10_000 });
    const ask = () => connection.use(TARGET, false, async () => 'answered');
    try {
      await assert.rejects(ask(), OperatorNeeded);
      login = right;
      let answer: unknown = null;
      while (answer !== 'answered') answer = await ask().catch((error: unknown) => setImmediate(error));
    } finally {
      await connection.close();
    }
  });
}

/** Declares the test. @param server with the user `app`, whose password is `secret`. */
export function pooled(server: () => Running): void {
  test('a session of the pool of the server is told its settings before each call, and a session of its own once', async () => {
    const refused = { kind: 'error', number: 1031, text: 'insufficient privileges' } as const;
    for (const [service, outcome] of [
      ['orders:pooled', 'rejected'],
      ['orders', 'fulfilled'],
    ] as const)
      await using({ ...LOGIN, connectString: `127.0.0.1:${server().port}/${service}` }, async (ask) => {
        await ask();
        await server().fault({
          operation: 'execute',
          statement: 'ALTER SESSION',
          times: null,
          action: refused,
        });
        const [{ status } = assert.fail()] = await Promise.allSettled([ask()]);
        await server().calm();
        assert.equal(status, outcome, service);
      });
  });
}
