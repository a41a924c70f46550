/** The names that stand for keys in logs: keys can be personal data, such as e-mail addresses. */
import { createHmac } from 'node:crypto';

/** 96 bits: no two of 10^12 keys have the same, but by a chance of one in 10^5. */
const CHARACTERS = 16;

/**
 * `#` and 16 characters, by HMAC-SHA-256. Without the salt nobody can try addresses from a list until one has this name, as with a plain hash.
 * @param salt is secret. Another one makes other names.
 */
export function keyHash(salt: string, key: string): string {
  return `#${createHmac('sha256', salt).update(key).digest('base64url').slice(0, CHARACTERS)}`;
}
