/** A bucket: its collections and the documents in them, each in a vbucket with a clock and a sequence of its own. */
import { crc32 } from 'node:zlib';
import type { Document, KeyRange, Storage } from './storage.ts';

export type { Document };

/** What a mutation stores; the bucket adds CAS and sequence number. */
export type Content = Pick<Document, 'value' | 'flags' | 'expiry' | 'xattrs' | 'deleted'>;

export interface Scope {
  readonly id: number;
  readonly collections: ReadonlyMap<string, number>;
}

/** A server's memory and its idea of time. */
export interface Surroundings {
  readonly storage: Storage;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Lock {
  readonly until: number;
  readonly cas: bigint;
}

const LOGICAL_BITS = 0xffffn;

export class Bucket {
  readonly name: string;
  readonly vbuckets: number;
  readonly scopes: ReadonlyMap<string, Scope>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly #storage: Storage;
  /** Scope and collection by number: in storage they go by name, since numbers are given out anew at every start. */
  readonly #names: ReadonlyMap<number, string>;
  readonly #locks = new Map<string, Lock>();
  readonly #clocks: bigint[];
  readonly #sequences: bigint[];

  constructor(
    name: string,
    vbuckets: number,
    scopes: ReadonlyMap<string, Scope>,
    { storage, now }: Surroundings,
  ) {
    this.name = name;
    this.vbuckets = vbuckets;
    this.scopes = scopes;
    this.now = now;
    this.#storage = storage;
    this.#names = new Map(
      [...scopes].flatMap(([scope, { collections }]) =>
        [...collections].map(([collection, id]) => [id, `${scope}.${collection}`] as const),
      ),
    );
    this.#clocks = Array.from({ length: vbuckets }, () => 0n);
    this.#sequences = Array.from({ length: vbuckets }, () => 0n);
    for (const { vbucket, cas, seqno } of storage.marks(name)) {
      this.#clocks[vbucket] = cas;
      this.#sequences[vbucket] = seqno;
    }
  }

  vbucketOf(key: Buffer): number {
    return ((crc32(key) >>> 16) & 0x7fff) % this.vbuckets;
  }

  hasCollection(id: number): boolean {
    return this.#names.has(id);
  }

  /** The document, expired ones and tombstones excepted unless asked for. */
  get(collection: number, key: Buffer, withDeleted = false): Document | undefined {
    const document = this.#storage.get(this.name, this.#nameOf(collection), key);
    if (document === undefined || (document.deleted && !withDeleted)) return undefined;
    if (document.deleted || document.expiry === 0 || document.expiry * 1000 > this.now()) return document;
    // Expiry is found out on access: from now on it is a deletion.
    const tombstone = this.put(collection, key, deletionOf(document));
    return withDeleted ? tombstone : undefined;
  }

  /** The keys of documents that are there, in byte order; of one vbucket if one is named. */
  keys(collection: number, range: KeyRange, vbucket: number | null = null): Buffer[] {
    const seconds = Math.floor(this.now() / 1000);
    return this.#storage.keys(this.name, this.#nameOf(collection), range, seconds, vbucket);
  }

  put(collection: number, key: Buffer, content: Content, prepare = (c: Content, _: Stamp) => c): Document {
    const vbucket = this.vbucketOf(key);
    const cas = this.tick(vbucket);
    const seqno = (this.#sequences[vbucket] as bigint) + 1n;
    this.#sequences[vbucket] = seqno;
    const { value, flags, expiry, xattrs, deleted } = prepare(content, { cas, seqno });
    const document = { value, flags, expiry, xattrs, deleted, cas, seqno };
    this.#storage.put(this.name, this.#nameOf(collection), key, vbucket, document);
    this.#locks.delete(placeOf(collection, key));
    return document;
  }

  /** A hybrid logical clock: nanoseconds, the low 16 bits logical, never twice the same in a vbucket. */
  tick(vbucket: number): bigint {
    const physical = (BigInt(this.now()) * 1_000_000n) & ~LOGICAL_BITS;
    const last = this.#clocks[vbucket] as bigint;
    const cas = physical > last ? physical : last + 1n;
    this.#clocks[vbucket] = cas;
    return cas;
  }

  /** The number of the last mutation of a vbucket. */
  seqnoOf(vbucket: number): bigint {
    return this.#sequences[vbucket] as bigint;
  }

  lockOf(collection: number, key: Buffer): Lock | undefined {
    const lock = this.#locks.get(placeOf(collection, key));
    return lock !== undefined && lock.until > this.now() ? lock : undefined;
  }

  lock(collection: number, key: Buffer, seconds: number): bigint {
    const cas = this.tick(this.vbucketOf(key));
    this.#locks.set(placeOf(collection, key), { until: this.now() + seconds * 1000, cas });
    return cas;
  }

  unlock(collection: number, key: Buffer): void {
    this.#locks.delete(placeOf(collection, key));
  }

  #nameOf(collection: number): string {
    const name = this.#names.get(collection);
    if (name === undefined) throw new Error(`There is no collection number ${collection}`);
    return name;
  }
}

export interface Stamp {
  readonly cas: bigint;
  readonly seqno: bigint;
}

/** Deleting drops the value and the user attributes; attributes of the system, whose names begin with `_`, stay. */
export function deletionOf(document: Document): Content {
  const xattrs = new Map([...document.xattrs].filter(([name]) => name.startsWith('_')));
  return { value: Buffer.alloc(0), flags: document.flags, expiry: 0, xattrs, deleted: true };
}

/** The identity of a bucket's vbucket, by which clients tell whether its history is still the one they know. */
export function vbucketUuid(vbucket: number): bigint {
  return BigInt(vbucket) + 1n;
}

function placeOf(collection: number, key: Buffer): string {
  return `${collection}:${key.toString('latin1')}`;
}
