/** A bucket: its collections and the documents in them, each in a vbucket with a clock and a sequence of its own. */
import { crc32 } from 'node:zlib';

export interface Document {
  readonly value: Buffer;
  readonly flags: number;
  /** Seconds since the epoch at which it is gone, 0 for never. */
  readonly expiry: number;
  readonly cas: bigint;
  readonly seqno: bigint;
  /** Extended attributes: name to JSON text. */
  readonly xattrs: ReadonlyMap<string, string>;
  /** A tombstone: only system attributes are left. */
  readonly deleted: boolean;
}

/** What a mutation stores; the bucket adds CAS and sequence number. */
export type Content = Pick<Document, 'value' | 'flags' | 'expiry' | 'xattrs' | 'deleted'>;

export interface Scope {
  readonly id: number;
  readonly collections: ReadonlyMap<string, number>;
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
  readonly #documents = new Map<string, Document>();
  readonly #locks = new Map<string, Lock>();
  readonly #clocks: bigint[];
  readonly #sequences: bigint[];

  constructor(name: string, vbuckets: number, scopes: ReadonlyMap<string, Scope>, now: () => number) {
    this.name = name;
    this.vbuckets = vbuckets;
    this.scopes = scopes;
    this.now = now;
    this.#clocks = Array.from({ length: vbuckets }, () => 0n);
    this.#sequences = Array.from({ length: vbuckets }, () => 0n);
  }

  vbucketOf(key: Buffer): number {
    return ((crc32(key) >>> 16) & 0x7fff) % this.vbuckets;
  }

  hasCollection(id: number): boolean {
    return [...this.scopes.values()].some(({ collections }) => [...collections.values()].includes(id));
  }

  /** The document, expired ones and tombstones excepted unless asked for. */
  get(collection: number, key: Buffer, withDeleted = false): Document | undefined {
    const document = this.#documents.get(placeOf(collection, key));
    if (document === undefined || (document.deleted && !withDeleted)) return undefined;
    if (document.deleted || document.expiry === 0 || document.expiry * 1000 > this.now()) return document;
    // Expiry is found out on access: from now on it is a deletion.
    const tombstone = this.put(collection, key, deletionOf(document));
    return withDeleted ? tombstone : undefined;
  }

  /** The keys of all documents that are there. */
  keys(collection: number): Buffer[] {
    const prefix = `${collection}:`;
    return [...this.#documents.keys()]
      .filter((place) => place.startsWith(prefix))
      .map((place) => Buffer.from(place.slice(prefix.length), 'latin1'))
      .filter((key) => this.get(collection, key) !== undefined);
  }

  put(collection: number, key: Buffer, content: Content, prepare = (c: Content, _: Stamp) => c): Document {
    const vbucket = this.vbucketOf(key);
    const cas = this.tick(vbucket);
    const seqno = (this.#sequences[vbucket] as bigint) + 1n;
    this.#sequences[vbucket] = seqno;
    const document = { ...prepare(content, { cas, seqno }), cas, seqno };
    this.#documents.set(placeOf(collection, key), document);
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

function placeOf(collection: number, key: Buffer): string {
  return `${collection}:${key.toString('latin1')}`;
}
