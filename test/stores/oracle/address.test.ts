/** What a connect string says before Oracle is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOf, encryptionOf, isPooled } from '../../../functions/stores/oracle/address.ts';
import { Authority } from '../../../infra/local/servers/tls/authority.ts';

const address = (protocol: string, host: string) =>
  `(ADDRESS = (PROTOCOL=${protocol})(HOST = ${host})(PORT=2484))`;
const descriptor = (addresses: string, more = '') =>
  `(DESCRIPTION=(address_list=${addresses})(CONNECT_DATA=(SERVICE_NAME=orders)${more}))`;
const RAC = descriptor(address('tcps', 'a') + address('TCPS', 'b').toLowerCase());

test('a connect string says its addresses, each with its port', () => {
  const hosts = (text: string) => addressesOf(text).map(({ host, port }) => `${host}:${port}`);
  assert.deepEqual(hosts(RAC), ['a:2484', 'b:2484']);
  assert.deepEqual(hosts('db/orders'), ['db:1521']);
  assert.deepEqual(hosts('//db:1522/orders:pooled'), ['db:1522']);
  assert.deepEqual(hosts('tcps://a,b:1522;[::1]:1523/orders?x=d,e'), ['a:1522', 'b:1522', '::1:1523']);
  // A name in a file that the functions do not have.
  assert.deepEqual(hosts('ORDERS'), []);
});

test('a connection is encrypted where every address is, and checked unless the check is off', () => {
  const safe = (text: string) => {
    const { encrypted, verified } = encryptionOf({ connectString: text });
    return [encrypted, verified];
  };
  for (const text of [
    'tcps://db:2484/orders',
    RAC,
    descriptor(address('tcps', 'a'), '(SECURITY=(SSL_SERVER_DN_MATCH=Yes))'),
  ])
    assert.deepEqual(safe(text), [true, true], text);
  for (const text of [
    'db/orders',
    'tcp://db/orders',
    'ORDERS',
    '(',
    descriptor(address('tcps', 'a') + address('tcp', 'b')),
  ])
    assert.deepEqual(safe(text), [false, false], text);
  for (const text of [
    'tcps://db/orders?ssl_server_dn_match=no',
    'tcps://db/orders?sdu=8192&SSL_SERVER_DN_MATCH=off',
    descriptor(address('tcps', 'a'), '(security = (tls_server_dn_match = FALSE))'),
  ])
    assert.deepEqual(safe(text), [true, false], text);
});

test('what a certificate is checked against is told by name', () => {
  const { ca } = new Authority('The CA of the shop', Date.now());
  const how = (more: object) => encryptionOf({ connectString: 'tcps://db/orders', ...more }).how;
  assert.match(how({}), /by a public authority; its name by the host$/);
  assert.match(how({ ca }), /by The CA of the shop, of `ca`, or a public authority/);
  assert.match(how({ walletContent: ca + ca }), /by The CA of the shop and 1 more, of the wallet/);
  assert.match(how({ sslServerCertDN: 'CN=db' }), /its name by SSL_SERVER_CERT_DN$/);
});

test('sessions of the pool of the server are told from others', () => {
  const pooled = [
    'db:1521/orders:pooled',
    'tcps://db/orders:POOLED?sdu=8192',
    'db/orders:pooled/one',
    descriptor(address('tcp', 'a'), '(server = pooled)'),
  ];
  assert.deepEqual(
    pooled.map(isPooled),
    pooled.map(() => true),
  );
  const others = [
    'db/orders',
    'db:1521/orders:dedicated',
    'db/pooled',
    descriptor(address('tcp', 'a'), '(SERVER=DEDICATED)'),
  ];
  assert.deepEqual(
    others.map(isPooled),
    others.map(() => false),
  );
});
