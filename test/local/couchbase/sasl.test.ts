import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { authenticate, type SaslResult } from '../../../infra/local/servers/couchbase/sasl.ts';

const USERS = new Map([
  ['app', 'secret'],
  ['a,b=c', 'pässwörd'],
]);

/** A client of RFC 5802, as far as a test needs one. */
function scram(hash: string, mechanism: string, user: string, password: string, spoil = ''): SaslResult {
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=clientnonce`;
  const first = authenticate(mechanism, `n,,${bare}`, USERS, 'servernonce');
  if (first.kind !== 'step') return first;
  const [, nonce = '', salt = '', iterations] = /^r=(.+),s=(.+),i=(\d+)$/.exec(first.reply) ?? [];
  const size = createHash(hash).digest().length;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), size, hash);
  const mac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = mac(salted, 'Client Key');
  const unproved = `c=biws,r=${nonce}${spoil}`;
  const message = `${bare},${first.reply},${unproved}`;
  const signature = mac(createHash(hash).update(clientKey).digest(), message);
  const proof = clientKey.map((byte, i) => byte ^ (signature[i] as number));
  const last = first.next(`${unproved},p=${Buffer.from(proof).toString('base64')}`);
  if (last.kind === 'accepted')
    assert.equal(last.reply, `v=${mac(mac(salted, 'Server Key'), message).toString('base64')}`);
  return last;
}

for (const [mechanism, hash] of [
  ['SCRAM-SHA1', 'sha1'],
  ['SCRAM-SHA256', 'sha256'],
  ['SCRAM-SHA512', 'sha512'],
] as const)
  test(`${mechanism} lets in who proves the password, and proves itself in turn`, () => {
    for (const [user, password] of USERS) {
      const result = scram(hash, mechanism, user, password);
      assert.deepEqual([result.kind, 'user' in result && result.user], ['accepted', user]);
      assert.equal(scram(hash, mechanism, user, `${password}!`).kind, 'refused');
      assert.equal(scram(hash, mechanism, user, password, 'x').kind, 'refused');
    }
    assert.equal(scram(hash, mechanism, 'nobody', 'secret').kind, 'refused');
  });

test('PLAIN lets in who knows the password', () => {
  const plain = (message: string) => authenticate('PLAIN', message, USERS, '').kind;
  assert.equal(plain('\0app\0secret'), 'accepted');
  for (const message of ['\0app\0wrong', '\0app', '', '\0nobody\0secret', 'app\0secret'])
    assert.equal(plain(message), 'refused', JSON.stringify(message));
});

test('other mechanisms and broken messages are refused', () => {
  assert.equal(authenticate('GSSAPI', '', USERS, '').kind, 'refused');
  for (const message of ['', 'n,,', 'n,,n=app', 'p=tls,,n=app,r=x']) {
    const first = authenticate('SCRAM-SHA256', message, USERS, 'n');
    assert.equal(first.kind, 'refused', message);
  }
});
