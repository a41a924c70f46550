/** One client's connection: what it has negotiated and who it is, and which operation each of its requests means. */
import type { Bucket } from './bucket.ts';
import { clusterMap, collectionsManifest, errorMap, type Known } from './config.ts';
import * as documents from './documents.ts';
import { checkDurability, requireMajority } from './durability.ts';
import type { Request, Response } from './frame.ts';
import { lookupIn } from './lookup_in.ts';
import { mutateIn } from './mutate_in.ts';
import { RangeScans } from './range_scan.ts';
import { authenticate, MECHANISMS, type SaslResult, type Users } from './sasl.ts';
import { FEATURE, OPCODE, Refusal, STATUS, type Status } from './wire.ts';

export interface Cluster extends Known {
  readonly users: Users;
  /** Unguessable text, new at every call. */
  readonly nonce: () => string;
  /** 16 bytes that were never given out before. */
  readonly newId: () => Buffer;
}

type Operation = (place: documents.Place, request: Request) => Response;

/** Longest key in a named collection; the default one takes 4 bytes more. */
const LONGEST_KEY = 246;

const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [OPCODE.get, documents.get],
  [OPCODE.set, documents.store],
  [OPCODE.add, documents.store],
  [OPCODE.replace, documents.store],
  [OPCODE.delete, documents.remove],
  [OPCODE.touch, documents.touch],
  [OPCODE.getAndTouch, documents.touch],
  [OPCODE.getAndLock, documents.getAndLock],
  [OPCODE.unlock, documents.unlock],
  [OPCODE.getMeta, documents.meta],
  [OPCODE.lookupIn, lookupIn],
  [OPCODE.mutateIn, mutateIn],
]);

const WRITES: ReadonlySet<number> = new Set([
  ...[OPCODE.set, OPCODE.add, OPCODE.replace, OPCODE.delete, OPCODE.touch, OPCODE.getAndTouch],
  ...[OPCODE.getAndLock, OPCODE.unlock, OPCODE.mutateIn],
]);

const SUPPORTED: ReadonlySet<number> = new Set(Object.values(FEATURE));

export class Session {
  readonly #cluster: Cluster;
  #features: ReadonlySet<number> = new Set();
  #exchange: ((message: string) => SaslResult) | null = null;
  #user: string | null;
  #bucket: Bucket | null = null;
  readonly #scans: RangeScans;

  /** @param user whom the client's certificate names; null where it has shown none. */
  constructor(cluster: Cluster, user: string | null) {
    this.#cluster = cluster;
    this.#user = user !== null && cluster.users.has(user) ? user : null;
    this.#scans = new RangeScans(cluster.newId);
  }

  /** Answers one request; whatever is wrong with it is a status, and never an exception. */
  answer(request: Request): Response {
    return orRefusal(() => this.#perform(request));
  }

  /** Begins a durable write, and returns what ends it: as committed, or as given up. Conditions are checked at the end. */
  prepare(request: Request): (commits: boolean) => Response {
    let isPrepared = () => false;
    const refusal = orRefusal(() => {
      if (this.#bucket === null) throw new Refusal(STATUS.noBucket);
      const { bucket, collection, key } = this.#placeFor(this.#bucket, request);
      isPrepared = bucket.prepare(collection, key);
      return null;
    });
    return (commits) => {
      if (refusal !== null) return refusal;
      // A prepare that is not there any more was lost in a failover.
      return isPrepared() && commits ? this.answer(request) : { status: STATUS.syncWriteAmbiguous };
    };
  }

  #perform(request: Request): Response {
    switch (request.opcode) {
      case OPCODE.hello:
        return this.#hello(request);
      case OPCODE.saslMechanisms:
        return text(MECHANISMS.join(' '));
      case OPCODE.saslAuth: {
        const message = request.value.toString('utf8');
        const mechanism = request.key.toString('utf8');
        return this.#sasl(authenticate(mechanism, message, this.#cluster.users, this.#cluster.nonce()));
      }
      case OPCODE.saslStep:
        return this.#sasl(this.#exchange?.(request.value.toString('utf8')) ?? { kind: 'refused' });
      case OPCODE.errorMap:
        return text(errorMap());
      case OPCODE.noop:
        return { status: STATUS.success };
    }
    if (this.#user === null) throw new Refusal(STATUS.noAccess, 'Not authenticated');
    return this.#inBucket(request);
  }

  #inBucket(request: Request): Response {
    switch (request.opcode) {
      case OPCODE.selectBucket: {
        const bucket = this.#cluster.buckets.get(request.key.toString('utf8'));
        if (bucket === undefined) throw new Refusal(STATUS.noAccess);
        this.#bucket = bucket;
        return { status: STATUS.success };
      }
      case OPCODE.clusterConfig:
        return text(clusterMap(this.#cluster, this.#bucket));
    }
    if (this.#bucket === null) throw new Refusal(STATUS.noBucket);
    switch (request.opcode) {
      case OPCODE.collectionsManifest:
        return text(collectionsManifest(this.#bucket));
      case OPCODE.collectionId:
        return collectionId(this.#bucket, request);
      case OPCODE.scanCreate:
        return this.#scans.create(this.#bucket, request);
      case OPCODE.scanContinue:
        return this.#scans.continue(this.#bucket, request);
      case OPCODE.scanCancel:
        return this.#scans.cancel(request);
    }
    const operation = OPERATIONS.get(request.opcode);
    if (operation === undefined) throw new Refusal(STATUS.unknownCommand);
    const place = this.#placeFor(this.#bucket, request);
    const response = operation(place, request);
    // A durable write is answered once the replicas have it, and with it all that came before it in its vbucket.
    if (request.framing.durability !== null) this.#bucket.replicate(request.vbucket);
    return response;
  }

  /** Where a request acts, if its durability can be granted and no other write of the key is in progress. */
  #placeFor(bucket: Bucket, request: Request): documents.Place {
    if (WRITES.has(request.opcode) && this.#cluster.managed().readers.includes(this.#user ?? ''))
      throw new Refusal(STATUS.noAccess);
    checkDurability(request);
    const place = this.#place(bucket, request);
    // An edit of a document looks at the document first.
    if (request.opcode !== OPCODE.mutateIn) requireMajority(place.nodes, request);
    if (WRITES.has(request.opcode) && bucket.isPrepared(place.collection, place.key))
      throw new Refusal(STATUS.syncWriteInProgress);
    return place;
  }

  #hello(request: Request): Response {
    const asked: number[] = [];
    for (let at = 0; at + 1 < request.value.length; at += 2) asked.push(request.value.readUInt16BE(at));
    this.#features = new Set(asked.filter((feature) => SUPPORTED.has(feature)));
    const value = Buffer.alloc(this.#features.size * 2);
    for (const [i, feature] of [...this.#features].entries()) value.writeUInt16BE(feature, i * 2);
    return { status: STATUS.success, value };
  }

  #sasl(result: SaslResult): Response {
    this.#exchange = result.kind === 'step' ? result.next : null;
    this.#user = result.kind === 'accepted' ? result.user : null;
    if (result.kind === 'refused') return { status: STATUS.authError };
    const status = result.kind === 'step' ? STATUS.authContinue : STATUS.success;
    return { ...text(result.reply), status };
  }

  #place(bucket: Bucket, request: Request): documents.Place {
    const prefix = this.#features.has(FEATURE.collections) ? leb128(request.key) : { value: 0, size: 0 };
    const key = request.key.subarray(prefix.size);
    if (!bucket.hasCollection(prefix.value)) throw new Refusal(STATUS.unknownCollection);
    if (key.length === 0 || key.length > LONGEST_KEY + (prefix.value === 0 ? 4 : 0))
      throw new Refusal(STATUS.invalid);
    if (request.vbucket >= bucket.vbuckets || request.vbucket !== bucket.vbucketOf(key))
      throw new Refusal(STATUS.notMyVbucket);
    return { bucket, collection: prefix.value, key, nodes: this.#cluster.nodes };
  }
}

function orRefusal<Answer>(act: () => Answer): Answer | { readonly status: Status } {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status };
    throw error;
  }
}

/** A collection's number from `scope.collection`, which newer clients send as value and older ones as key. */
function collectionId(bucket: Bucket, { key, value }: Request): Response {
  const [scope = '', collection = ''] = (value.length > 0 ? value : key).toString('utf8').split('.');
  const found = bucket.scopes.get(scope || '_default');
  if (found === undefined) throw new Refusal(STATUS.unknownScope);
  const id = found.collections.get(collection || '_default');
  if (id === undefined) throw new Refusal(STATUS.unknownCollection);
  const extras = Buffer.alloc(12);
  extras.writeBigUInt64BE(1n, 0);
  extras.writeUInt32BE(id, 8);
  return { status: STATUS.success, extras };
}

/** Unsigned LEB128: 7 bits a byte, the lowest first. */
function leb128(bytes: Buffer): { value: number; size: number } {
  let value = 0;
  for (let size = 0; size < Math.min(5, bytes.length); size++) {
    const byte = bytes[size] as number;
    value += (byte & 0x7f) * 2 ** (7 * size);
    if (byte < 0x80) return { value, size: size + 1 };
  }
  throw new Refusal(STATUS.invalid, 'The key has no collection in front of it');
}

function text(value: string): Response {
  return { status: STATUS.success, value: Buffer.from(value) };
}
