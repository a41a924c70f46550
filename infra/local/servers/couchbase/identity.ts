/** By which clients tell one cluster, and one bucket, from another of the same name. */
import type { Storage } from './storage.ts';

/** Stands for the cluster among the names of its buckets. */
const CLUSTER = '';

export class Identities {
  readonly #storage: Storage;
  readonly #newUuid: () => string;
  readonly #names: readonly string[];

  /** @param newUuid 32 hexadecimal digits that nobody else has. */
  constructor(storage: Storage, buckets: readonly string[], newUuid: () => string) {
    this.#storage = storage;
    this.#newUuid = newUuid;
    this.#names = [CLUSTER, ...buckets];
    for (const name of this.#names) if (storage.identity(name) === null) storage.identify(name, newUuid());
  }

  get cluster(): string {
    return this.bucket(CLUSTER);
  }

  bucket(name: string): string {
    return this.#storage.identity(name) ?? '';
  }

  /** Others, as of another cluster at the same address. */
  change(): void {
    for (const name of this.#names) this.#storage.identify(name, this.#newUuid());
  }
}
