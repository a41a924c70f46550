/**
 * What Couchbase holds, read for verification: by other requests than the copier's (GET instead of a lookup of the body) and
 * by other code, so that a mistake of the copier is not made a second time by whoever checks it.
 */
import { crc32 } from 'node:zlib';
import { type Collection, DocumentNotFoundError, LookupInSpec } from 'couchbase';
import pMap from 'p-map';
import { MAX_VERSION } from '../../protocol/version.ts';
import { PoisonDocument, StoreUnavailable, type Target, TooHeavy } from '../failure.ts';
import { NOTHING, type Seen } from '../snapshot.ts';
import { LARGEST_BODY } from '../storable.ts';
import type { Witness } from '../witness.ts';
import { MARKER_BODY } from './attribute.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';
import { partitionCount } from './identity.ts';
import { type Looked, Lookup } from './lookup.ts';
import { metaOf } from './meta.ts';
import { RAW } from './raw.ts';

/** All that the server knows about a document, as JSON. */
const DOCUMENT = [LookupInSpec.get('$document', { xattr: true })];
/** A document is written between its two looks as often as that, and it is left for later. */
const ATTEMPTS = 5;

/**
 * `glance`: presence, version and expiry; a body above what can be moved is taken for any other. `outside`: its size as well. `whole`:
 * and its body.
 */
export type Depth = 'glance' | 'outside' | 'whole';

export interface InspectOptions {
  readonly depth: Depth;
  readonly concurrency: number;
  /** Milliseconds for each request. */
  readonly timeout: number;
  /** Is told of the partition of each document whose attributes are read. */
  readonly witness?: Pick<Witness, 'looked'> | undefined;
}

/** A document without its body. */
interface Outside {
  readonly seen: Seen;
  readonly cas: bigint;
  /** Bytes of its body. */
  readonly size: number;
  /** UUID of the history of its partition, in decimal digits; null where it was not read. */
  readonly history: string | null;
  /** What the attribute tells; null where there is none of ours. */
  readonly mark: Mark | null;
}
const NOWHERE: Outside = { seen: NOTHING, cas: 0n, size: 0, history: null, mark: null };

/** What our attribute tells, whether or not it was written together with the document that is there now. */
export interface Mark {
  readonly version: bigint;
  /** The CAS that the document got when the attribute was written. */
  readonly written: bigint;
  readonly marker: boolean;
}

export class CouchbaseInspector {
  readonly #connection: CouchbaseConnection;
  readonly #keyspace: Keyspace;
  readonly #options: InspectOptions;
  readonly #lookup = new Lookup(DOCUMENT);
  /** Asked for once. */
  #partitions: Promise<number | null> | null = null;

  constructor(connection: CouchbaseConnection, keyspace: Keyspace, options: InspectOptions) {
    this.#connection = connection;
    this.#keyspace = keyspace;
    this.#options = options;
  }

  /**
   * In the order of the keys. Throws `StoreUnavailable` and `OperatorNeeded`, and `TooHeavy` before it reads any body.
   * @param most bytes of all bodies together.
   */
  async inspect(keys: readonly string[], most: number): Promise<Seen[]> {
    const { depth, concurrency } = this.#options;
    const found = await pMap(keys, (key) => this.#outside(key), { concurrency });
    await this.#tell(keys, found);
    if (depth !== 'whole') return found.map(({ seen }) => seen);
    const bytes = found.reduce((sum, { seen, size }) => sum + (seen.presence === 'live' ? size : 0), 0);
    if (bytes > most) throw new TooHeavy(`The documents of a batch of ${keys.length} have ${bytes} bytes`);
    return pMap(keys, (key, n) => this.#whole(key, found[n] ?? NOWHERE), { concurrency });
  }

  /** Which histories the partitions of documents are in. */
  async #tell(keys: readonly string[], found: readonly Outside[]): Promise<void> {
    const { witness, timeout } = this.#options;
    if (witness === undefined || found.every(({ history }) => history === null)) return;
    this.#partitions ??= partitionCount(this.#connection, this.#keyspace, timeout);
    const partitions = await this.#partitions;
    if (partitions === null) return;
    for (const [n, { history }] of found.entries())
      if (history !== null) witness.looked({ id: partitionOf(keys[n] as string, partitions), uuid: history });
  }

  #outside(key: string): Promise<Outside> {
    const { depth, timeout } = this.#options;
    return this.#use(key, async (collection) => {
      // Where attributes are common, it would only be one request more.
      if (depth !== 'glance' || !this.#lookup.rare)
        return this.#touched(collection, key, outside(await this.#lookup.at(collection, key, timeout)));
      const meta = await metaOf(collection, key, timeout);
      if (meta === null) return NOWHERE;
      const { cas, expires, hasAttributes } = meta;
      if (hasAttributes)
        return this.#touched(collection, key, outside(await this.#lookup.whole(collection, key, timeout)));
      return { ...NOWHERE, seen: seenFrom(cas, expires, 0, null), cas };
    });
  }

  /**
   * A marker that somebody has touched has another CAS than its attribute, as a document has that was put in its place: the body tells which it is. Asked
   * for it alone are documents with such an attribute, and of this very size.
   */
  async #touched(collection: Collection, key: string, found: Outside): Promise<Outside> {
    const { seen, cas, size, mark } = found;
    if (mark?.marker !== true || seen.presence !== 'live' || size !== MARKER_BODY.length) return found;
    const { timeout } = this.#options;
    const got = await collection.get(key, { timeout, transcoder: RAW });
    // Where it was written in between, it is a suspect at most, and is looked at again.
    const isMarker = BigInt(got.cas.toString()) === cas && MARKER_BODY.equals(got.content as Buffer);
    return isMarker ? { ...found, seen: deletedFrom(seen, cas, mark) } : found;
  }

  async #whole(key: string, first: Outside): Promise<Seen> {
    const { timeout } = this.#options;
    let { seen, cas } = first;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (seen.presence !== 'live') return seen;
      const body = await this.#use(key, async (collection) => {
        const got = await collection.get(key, { timeout, transcoder: RAW });
        return BigInt(got.cas.toString()) === cas ? (got.content as Buffer) : null;
      });
      if (body instanceof Uint8Array) return { ...seen, body };
      ({ seen, cas } = await this.#outside(key));
    }
    throw new StoreUnavailable(this.#target(key), false, 'it is written all the time');
  }

  #target(key: string): Target {
    return { store: 'couchbase', operation: 'inspect', collection: nameOf(this.#keyspace), key };
  }

  /** `NOWHERE` where there is no such document. */
  #use<R>(key: string, act: (collection: Collection) => Promise<R>): Promise<R | typeof NOWHERE> {
    return this.#connection.use(this.#keyspace, async (collection) => {
      try {
        return await act(collection);
      } catch (error) {
        if (error instanceof DocumentNotFoundError) return NOWHERE;
        const failure = failureOf(error, this.#target(key), false);
        // A key that it cannot have is one of no document.
        if (failure instanceof PoisonDocument) return NOWHERE;
        throw failure;
      }
    });
  }
}

function outside({ cas, attribute, others: [document] }: Looked): Outside {
  const facts = JSON.parse(String(document ?? '{}')) as Record<string, unknown>;
  const { exptime, value_bytes, vbucket_uuid: uuid } = facts;
  const size = Number(value_bytes ?? 0);
  const mark = attribute === undefined ? null : markIn(attribute.toString('utf8'));
  const seen = seenFrom(cas, Number(exptime ?? 0), size, mark);
  const isTold = typeof uuid === 'string' && /^0x[0-9a-f]{1,16}$/i.test(uuid) && BigInt(uuid) !== 0n;
  return { seen, cas, size, mark, history: isTold ? BigInt(uuid).toString() : null };
}

/** As drivers and servers of Couchbase count it. */
function partitionOf(key: string, partitions: number): number {
  return ((crc32(key) >>> 16) & 0x7fff) % partitions;
}

function seenFrom(cas: bigint, expires: number, size: number, mark: Mark | null): Seen {
  // Any other write leaves the attribute behind.
  const ours = mark?.written === cas ? mark : null;
  const seen: Seen = {
    ...{ version: ours?.version ?? cas, expires: expires === 0 ? null : expires },
    ...{ body: null, handoff: null, state: `live@${cas}` },
    presence: size > LARGEST_BODY ? 'large' : 'live',
  };
  return ours?.marker === true ? deletedFrom(seen, cas, ours) : seen;
}

function deletedFrom(seen: Seen, cas: bigint, { written }: Mark): Seen {
  // A CAS is nanoseconds.
  return { ...seen, presence: 'deleted', marked: Number(written / 1_000_000n), state: `deleted@${cas}` };
}

function markIn(attribute: string): Mark | null {
  try {
    return markOf(JSON.parse(attribute) as Record<string, unknown>);
  } catch {
    return null;
  }
}

/** Null where its members are not ours. */
export function markOf({ version, cas, marker }: Readonly<Record<string, unknown>>): Mark | null {
  const [found, written] = [numberIn(version), numberIn(cas)];
  return found === null || written === null ? null : { version: found, written, marker: marker === true };
}

/** Decimal digits of 64 bits, or what the server writes for its macro: 0x and eight bytes, the lowest first. */
function numberIn(value: unknown): bigint | null {
  if (typeof value !== 'string') return null;
  // Other programs can write the attribute: millions of digits are no version, and are not worked out.
  if (/^\d{1,20}$/.test(value)) return BigInt(value) <= MAX_VERSION ? BigInt(value) : null;
  const bytes = /^0x((?:[0-9a-f]{2}){8})$/i.exec(value)?.[1]?.match(/../g);
  return bytes ? BigInt(`0x${bytes.reverse().join('')}`) : null;
}
