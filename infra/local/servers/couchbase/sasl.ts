/** Authentication: PLAIN (RFC 4616) and SCRAM (RFC 5802, RFC 7677) with SHA-1, SHA-256 and SHA-512. */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

export type Users = ReadonlyMap<string, string>;

/** `step`: send this and wait for more. `accepted`: send this, the client is that user. */
export type SaslResult =
  | { readonly kind: 'step'; readonly reply: string; readonly next: (message: string) => SaslResult }
  | { readonly kind: 'accepted'; readonly user: string; readonly reply: string }
  | { readonly kind: 'refused' };

const REFUSED: SaslResult = { kind: 'refused' };
const HASHES = { 'SCRAM-SHA512': 'sha512', 'SCRAM-SHA256': 'sha256', 'SCRAM-SHA1': 'sha1' } as const;
const ITERATIONS = 4096;

/** In order of preference, as SASL_LIST_MECHS tells them. */
export const MECHANISMS = [...Object.keys(HASHES), 'PLAIN'];

/** @param nonce unguessable text for this exchange. */
export function authenticate(mechanism: string, message: string, users: Users, nonce: string): SaslResult {
  if (mechanism === 'PLAIN') return plain(message, users);
  const hash = HASHES[mechanism as keyof typeof HASHES];
  return hash === undefined ? REFUSED : scram(hash, message, users, nonce);
}

function plain(message: string, users: Users): SaslResult {
  const [, user = '', password] = message.split('\0');
  const expected = users.get(user);
  if (expected === undefined || password === undefined) return REFUSED;
  const same = timingSafeEqual(digest('sha256', expected), digest('sha256', password));
  return same ? { kind: 'accepted', user, reply: '' } : REFUSED;
}

function scram(hash: string, first: string, users: Users, nonce: string): SaslResult {
  const parts = /^[ny],[^,]*,(n=([^,]*),r=([^,]+).*)$/.exec(first);
  if (parts === null) return REFUSED;
  const [, bare = '', name = '', clientNonce = ''] = parts;
  const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
  const password = users.get(user);
  // An unknown user gets a challenge like any other, so that names cannot be told from answers.
  const salt = digest('sha256', `salt ${user}`);
  const serverFirst = `r=${clientNonce}${nonce},s=${salt.toString('base64')},i=${ITERATIONS}`;
  const next = (final: string): SaslResult => {
    const proof = /^(c=[^,]*,r=([^,]*)),p=(.+)$/.exec(final);
    if (proof === null || password === undefined || proof[2] !== clientNonce + nonce) return REFUSED;
    const message = `${bare},${serverFirst},${proof[1]}`;
    const reply = verified(hash, password, salt, message, Buffer.from(proof[3] as string, 'base64'));
    return reply === null ? REFUSED : { kind: 'accepted', user, reply };
  };
  return { kind: 'step', reply: serverFirst, next };
}

/** The server's signature if the client's proof is right, else null. */
function verified(
  hash: string,
  password: string,
  salt: Buffer,
  message: string,
  proof: Buffer,
): string | null {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, digest(hash, '').length, hash);
  const clientKey = hmac(hash, salted, 'Client Key');
  const signature = hmac(hash, digest(hash, clientKey), message);
  const expected = clientKey.map((byte, i) => byte ^ (signature[i] as number));
  if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) return null;
  return `v=${hmac(hash, hmac(hash, salted, 'Server Key'), message).toString('base64')}`;
}

function hmac(hash: string, key: Buffer, text: string): Buffer {
  return createHmac(hash, key).update(text).digest();
}

function digest(hash: string, data: string | Buffer): Buffer {
  return createHash(hash).update(data).digest();
}
