/** A bucket: its collections and the documents in them, each in a vbucket with a clock and a sequence of its own. */
import { crc32 } from 'node:zlib';
import type { Mutation } from './mutation.ts';
import type { Document, KeyRange, Marks, Storage } from './storage.ts';
import { Vbucket } from './vbucket.ts';

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
  /** A number that no vbucket's history has had. */
  readonly newUuid: () => bigint;
  /** The longest life of a document in seconds, by bucket and `scope.collection`; 0 for any. None: no bucket has one. */
  readonly maxTtl?: (bucket: string, collection: string) => number;
}

interface Lock {
  readonly until: number;
  readonly cas: bigint;
  readonly vbucket: number;
}

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
  /** Keys with a durable write that is not safe yet, and their vbuckets. */
  readonly #prepared = new Map<string, number>();
  readonly #newUuid: () => bigint;
  readonly #maxTtl: NonNullable<Surroundings['maxTtl']>;
  readonly #watchers: ((mutation: Mutation) => void)[] = [];
  readonly #vbuckets: readonly Vbucket[];

  constructor(
    name: string,
    vbuckets: number,
    scopes: ReadonlyMap<string, Scope>,
    { storage, now, newUuid, maxTtl = () => 0 }: Surroundings,
  ) {
    this.name = name;
    this.vbuckets = vbuckets;
    this.scopes = scopes;
    this.now = now;
    this.#storage = storage;
    this.#newUuid = newUuid;
    this.#maxTtl = maxTtl;
    this.#names = new Map(
      [...scopes].flatMap(([scope, { collections }]) =>
        [...collections].map(([collection, id]) => [id, `${scope}.${collection}`] as const),
      ),
    );
    const known = storage.open(name, newUuid);
    this.#vbuckets = Array.from(
      { length: vbuckets },
      (_, vbucket) => new Vbucket(known.get(vbucket) ?? { uuid: newUuid() }),
    );
    this.#save(false);
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
    return this.#storage.keys(this.name, this.#nameOf(collection), range, this.#seconds(), vbucket);
  }

  put(collection: number, key: Buffer, content: Content, prepare = (c: Content, _: Stamp) => c): Document {
    const number = this.vbucketOf(key);
    const vbucket = this.#vbuckets[number] as Vbucket;
    const [cas, seqno] = [vbucket.tick(this.now()), vbucket.count()];
    const { value, flags, expiry, xattrs, deleted } = prepare(content, { cas, seqno });
    const fresh = {
      ...{ value, flags, xattrs, deleted, cas, seqno, revision: vbucket.marks.deletedRevision + 1n },
      expiry: deleted ? this.#seconds() : this.#shortened(expiry, collection),
    };
    const place = [this.name, this.#nameOf(collection), key, number] as const;
    if (vbucket.isLagging) this.#storage.replica.remember(...place);
    const revision = this.#storage.put(...place, fresh);
    if (deleted) vbucket.bury(revision);
    this.#locks.delete(placeOf(collection, key));
    const document = { ...fresh, revision };
    const mutation = { bucket: this.name, name: place[1], collection, key, vbucket: number, document };
    for (const watch of this.#watchers) watch(mutation);
    return document;
  }

  /** From now on it is told of each mutation, before its client is answered. */
  watch(watcher: (mutation: Mutation) => void): void {
    this.#watchers.push(watcher);
  }

  /** What is known of a vbucket: the identity of its history, and the highest of all that it has given out. */
  marksOf(vbucket: number): Marks {
    return (this.#vbuckets[vbucket] as Vbucket).marks;
  }

  /** Tombstones are gone, as the compaction drops them when they are old. */
  purge(): void {
    this.#save(false);
    this.#storage.purge(this.name);
  }

  /** The process ends: this is the whole history. */
  close(): void {
    this.#save(true);
  }

  lockOf(collection: number, key: Buffer): Lock | undefined {
    const lock = this.#locks.get(placeOf(collection, key));
    return lock !== undefined && lock.until > this.now() ? lock : undefined;
  }

  lock(collection: number, key: Buffer, seconds: number): bigint {
    const vbucket = this.vbucketOf(key);
    const cas = (this.#vbuckets[vbucket] as Vbucket).tick(this.now());
    this.#locks.set(placeOf(collection, key), { until: this.now() + seconds * 1000, cas, vbucket });
    return cas;
  }

  unlock(collection: number, key: Buffer): void {
    this.#locks.delete(placeOf(collection, key));
  }

  isPrepared(collection: number, key: Buffer): boolean {
    return this.#prepared.has(placeOf(collection, key));
  }

  /** A durable write of this key waits until it is safe. Returns what ends the wait, and tells whether it was not lost. */
  prepare(collection: number, key: Buffer): () => boolean {
    const place = placeOf(collection, key);
    this.#prepared.set(place, this.vbucketOf(key));
    return () => this.#prepared.delete(place);
  }

  /**
   * From now on mutations are done once the active node has them; the replicas do not hear of them.
   *
   * @param has whether a vbucket has a replica.
   */
  lag(has = (_vbucket: number) => true): void {
    for (const [number, vbucket] of this.#vbuckets.entries()) if (has(number)) vbucket.lag();
  }

  /** The replicas of a vbucket have all that the active node has: they take mutations in order, so nothing is left out. */
  replicate(vbucket: number): void {
    if (this.#vbuckets[vbucket]?.isLagging !== true) return;
    this.#storage.replica.forget(this.name, vbucket);
    this.#vbuckets[vbucket]?.replicate();
  }

  /** The replicas have everything, and hear of each mutation again. */
  catchUp(): void {
    for (const [number, vbucket] of this.#vbuckets.entries()) {
      this.#storage.replica.forget(this.name, number);
      vbucket.catchUp();
    }
  }

  /**
   * A replica becomes active: what it has not heard of never was. Locks and prepared writes are gone too.
   *
   * @param failed the vbuckets of which it is so; all if null. @param skipped by how much sequence numbers are higher there; in another cluster they are numbered anew.
   */
  failOver(failed: readonly number[] | null = null, skipped = 0n): void {
    const numbers = new Set(failed ?? this.#vbuckets.keys());
    this.#storage.atomically(() => {
      for (const number of numbers) this.#storage.replica.promote(this.name, number);
      if (skipped > 0n) this.#storage.renumber(this.name, skipped);
    });
    for (const number of numbers) this.#vbuckets[number]?.failOver(this.#newUuid(), skipped);
    for (const [place, { vbucket }] of this.#locks) if (numbers.has(vbucket)) this.#locks.delete(place);
    for (const [place, vbucket] of this.#prepared) if (numbers.has(vbucket)) this.#prepared.delete(place);
    this.#save(false);
  }

  #save(clean: boolean): void {
    const marks = this.#vbuckets.map((vbucket) => vbucket.marks);
    this.#storage.save(this.name, marks, clean);
  }

  /** On every mutation, whatever it asks for, as the server's `Manifest::processExpiryTime` does. */
  #shortened(expiry: number, collection: number): number {
    const most = this.#maxTtl(this.name, this.#nameOf(collection));
    const latest = this.#seconds() + most;
    return most > 0 && (expiry === 0 || expiry > latest) ? latest : expiry;
  }

  #seconds(): number {
    return Math.floor(this.now() / 1000);
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
export function deletionOf({ xattrs: held, flags }: Pick<Document, 'xattrs' | 'flags'>): Content {
  const xattrs = new Map([...held].filter(([name]) => name.startsWith('_')));
  return { value: Buffer.alloc(0), flags, expiry: 0, xattrs, deleted: true };
}

function placeOf(collection: number, key: Buffer): string {
  return `${collection}:${key.toString('latin1')}`;
}
