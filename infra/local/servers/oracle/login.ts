/**
 * Password logins with the 12c verifier: both sides prove that they know the password's PBKDF2 hash, and agree on a key,
 * under which the password itself is then checked (node-oracledb, encryptDecrypt.js).
 */
import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';

const VERIFIER_12C = 0x4815;
const [VERIFIER_ROUNDS, KEY_ROUNDS] = [4096, 3];
const NO_IV = Buffer.alloc(16);

/** Name, value, flag. */
export type Pair = readonly [string, string, number?];

export interface Challenge {
  readonly pairs: readonly Pair[];
  /** The server's half of the proof if the answer is right, else null. */
  readonly verify: (answer: ReadonlyMap<string, string>) => readonly Pair[] | null;
}

/** @param passwords that are accepted. None for a user that does not exist: the challenge looks the same, and no answer is right. */
export function challenge(passwords: readonly string[], random: (size: number) => Buffer): Challenge {
  const [salt, keySalt, serverHalf] = [random(16), random(16), random(32)];
  const first = hashOf(passwords[0] ?? random(32).toString('hex'), salt);
  const sent = encrypt(first, serverHalf);
  return {
    pairs: [
      ['AUTH_SESSKEY', hex(sent)],
      ['AUTH_VFR_DATA', hex(salt), VERIFIER_12C],
      ['AUTH_PBKDF2_CSK_SALT', hex(keySalt)],
      ['AUTH_PBKDF2_VGEN_COUNT', String(VERIFIER_ROUNDS)],
      ['AUTH_PBKDF2_SDER_COUNT', String(KEY_ROUNDS)],
    ],
    verify: (answer) => {
      const clientHalf = unhex(answer.get('AUTH_SESSKEY'), 32);
      const proof = unhex(answer.get('AUTH_PASSWORD'), 32);
      if (clientHalf === null || proof === null) return null;
      for (const [index, password] of passwords.entries()) {
        // A client with another of the passwords reads another half out of what it was sent.
        const hash = index === 0 ? first : hashOf(password, salt);
        const halves = [decrypt(hash, clientHalf.subarray(0, 32)).subarray(0, 32), decrypt(hash, sent)];
        const key = pbkdf2Sync(Buffer.from(hex(Buffer.concat(halves))), keySalt, KEY_ROUNDS, 32, 'sha512');
        if (!withoutPadding(decrypt(key, proof)).subarray(16).equals(Buffer.from(password))) continue;
        // A whole block of padding, since it fits without: JDBC takes the padding off.
        const response = Buffer.concat([random(16), Buffer.from('SERVER_TO_CLIENT'), Buffer.alloc(16, 16)]);
        return [['AUTH_SVR_RESPONSE', hex(encrypt(key, response))]];
      }
      return null;
    },
  };
}

function hashOf(password: string, salt: Buffer): Buffer {
  const speedy = Buffer.concat([salt, Buffer.from('AUTH_PBKDF2_SPEEDY_KEY')]);
  const passwordKey = pbkdf2Sync(Buffer.from(password), speedy, VERIFIER_ROUNDS, 64, 'sha512');
  return createHash('sha512').update(passwordKey).update(salt).digest().subarray(0, 32);
}

function encrypt(key: Buffer, bytes: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, NO_IV).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

function decrypt(key: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, NO_IV).setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

/** Every message ends with as many bytes as the last of them says. */
function withoutPadding(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.max(0, bytes.length - (bytes.at(-1) ?? 0)));
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

/** Null for what is no whole number of cipher blocks, `least` bytes or more. */
function unhex(text: string | undefined, least: number): Buffer | null {
  const bytes = Buffer.from(text ?? '', 'hex');
  return bytes.length >= least && bytes.length % 16 === 0 ? bytes : null;
}
