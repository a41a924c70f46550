/** How logs name the keys of documents: as they are, or by hashes with a secret salt. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { keyHash } from '../records/key_hash.ts';

/** Instead of the hash where the salt could not be read yet. No key is shown for want of it. */
export const UNREAD = '#unread';
/** Characters of the salt at least. */
export const SHORTEST_SALT = 32;
/** Milliseconds between two attempts to read it. */
const AGAIN = 5000;

/** The salt is there, and is none that keeps keys secret. */
export class BadSalt extends Error {
  override readonly name = 'BadSalt';
}

export class KeyNames {
  readonly #read: (() => Promise<string>) | null;
  readonly #now: () => number;
  readonly #failed: (error: unknown) => void;
  #salt: string | null = null;
  #asked = Number.NEGATIVE_INFINITY;
  #reading: Promise<string | null> = Promise.resolve(null);
  /** Why the salt could not be read, the last time. */
  #failure: unknown = null;

  /**
   * @param read reads the salt; null where keys are shown. @param now milliseconds on a clock that never goes back.
   * @param failed is told why the salt could not be read.
   */
  constructor(
    read: (() => Promise<string>) | null,
    now: () => number,
    failed: (error: unknown) => void = () => {},
  ) {
    this.#read = read;
    this.#failed = failed;
    this.#now = now;
    this.#begin();
  }

  get areHashed(): boolean {
    return this.#read !== null;
  }

  /** As logs have it. */
  readonly shown = (key: string): string => {
    if (this.#read === null) return key;
    if (this.#salt !== null) return keyHash(this.#salt, key);
    this.#begin();
    return UNREAD;
  };

  /** The hash of a key. Rejects where the salt cannot be read, or keys are not hashed. */
  async hash(key: string): Promise<string> {
    this.#begin();
    const salt = this.#salt ?? (await this.#reading);
    if (salt === null) throw this.#failure ?? new Error('Keys are not hashed');
    return keyHash(salt, key);
  }

  #begin(): void {
    if (this.#read === null || this.#salt !== null || this.#now() - this.#asked < AGAIN) return;
    this.#asked = this.#now();
    this.#reading = this.#read().then(
      (salt) => {
        this.#salt = salt;
        return salt;
      },
      (error: unknown) => {
        this.#failure = error;
        this.#failed(error);
        return null;
      },
    );
  }
}

/** Reads the salt: the whole text of a secret. Rejects with `BadSalt`. */
export async function saltFrom(client: SecretsManagerClient, name: string): Promise<string> {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: name }));
  if (SecretString.length >= SHORTEST_SALT) return SecretString;
  throw new BadSalt(
    `KEYS_SALT: the secret ${name} has ${SecretString.length} characters, and the salt of the hashed keys needs ${SHORTEST_SALT} or more. ` +
      'Put a random text there (aws secretsmanager get-random-password)',
  );
}
