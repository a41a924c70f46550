/** The operations on whole documents. */
import { type Bucket, type Content, type Document, deletionOf } from './bucket.ts';
import type { Nodes } from './durability.ts';
import type { Request, Response } from './frame.ts';
import { requireSize } from './size.ts';
import { DATATYPE, OPCODE, Refusal, STATUS } from './wire.ts';

/** Where an operation acts: a bucket, one of its collections, and the key without the collection's prefix. */
export interface Place {
  readonly bucket: Bucket;
  readonly collection: number;
  readonly key: Buffer;
  readonly nodes: Nodes;
}

/** An expiry up to 30 days is relative to now; above, it is seconds since the epoch. */
const LONGEST_RELATIVE = 30 * 24 * 60 * 60;
const LOCKED_CAS = 0xffff_ffff_ffff_ffffn;
const [DEFAULT_LOCK, LONGEST_LOCK] = [15, 30];

export function get(place: Place): Response {
  const document = existing(place);
  return withValue(document, isLocked(place) ? LOCKED_CAS : document.cas);
}

export function store(place: Place, request: Request): Response {
  const { bucket, collection, key } = place;
  if (request.extras.length !== 8 || (request.datatype & DATATYPE.xattr) !== 0)
    throw new Refusal(STATUS.invalid);
  requireSize({ value: request.value, xattrs: new Map() });
  const held = bucket.get(collection, key);
  if (request.opcode === OPCODE.add && held !== undefined) throw new Refusal(STATUS.keyExists);
  if (request.opcode === OPCODE.replace && held === undefined) throw new Refusal(STATUS.keyNotFound);
  guard(place, request, held);
  const asked = expiryOf(bucket, request.extras.readUInt32BE(4));
  const content: Content = {
    value: Buffer.from(request.value),
    flags: request.extras.readUInt32BE(0),
    expiry: request.framing.preserveExpiry && held !== undefined ? held.expiry : asked,
    // A plain write keeps the attributes of a living document, as stale as they may be; those of a tombstone go.
    xattrs: held?.xattrs ?? new Map(),
    deleted: false,
  };
  requireSize(content);
  return mutated(bucket.put(collection, key, content), place);
}

export function remove(place: Place, request: Request): Response {
  const { bucket, collection, key } = place;
  const held = existing(place);
  guard(place, request, held);
  return mutated(bucket.put(collection, key, deletionOf(held)), place);
}

export function touch(place: Place, request: Request): Response {
  const { bucket, collection, key } = place;
  if (request.extras.length !== 4) throw new Refusal(STATUS.invalid);
  const held = existing(place);
  if (isLocked(place)) throw new Refusal(STATUS.locked);
  const touched = bucket.put(collection, key, {
    ...held,
    expiry: expiryOf(bucket, request.extras.readUInt32BE(0)),
  });
  return request.opcode === OPCODE.touch ? { status: STATUS.success, cas: touched.cas } : withValue(touched);
}

export function getAndLock(place: Place, request: Request): Response {
  const { bucket, collection, key } = place;
  const held = existing(place);
  if (isLocked(place)) throw new Refusal(STATUS.locked);
  const asked = request.extras.length === 4 ? request.extras.readUInt32BE(0) : DEFAULT_LOCK;
  const seconds = asked === 0 || asked > LONGEST_LOCK ? DEFAULT_LOCK : asked;
  return withValue(held, bucket.lock(collection, key, seconds));
}

export function unlock(place: Place, request: Request): Response {
  const { bucket, collection, key } = place;
  existing(place);
  const lock = bucket.lockOf(collection, key);
  if (lock === undefined) throw new Refusal(STATUS.notLocked);
  if (lock.cas !== request.cas) throw new Refusal(STATUS.locked);
  bucket.unlock(collection, key);
  return { status: STATUS.success };
}

export function meta(place: Place): Response {
  const { bucket, collection, key } = place;
  const document = bucket.get(collection, key, true);
  if (document === undefined) throw new Refusal(STATUS.keyNotFound);
  const cas = isLocked(place) ? LOCKED_CAS : document.cas;
  const extras = Buffer.alloc(21);
  extras.writeUInt32BE(document.deleted ? 1 : 0, 0);
  extras.writeUInt32BE(document.flags, 4);
  extras.writeUInt32BE(document.expiry, 8);
  extras.writeBigUInt64BE(document.revision, 12);
  extras.writeUInt8(datatypeOf(document), 20);
  return { status: STATUS.success, cas, extras };
}

export function expiryOf(bucket: Bucket, asked: number): number {
  return asked === 0 || asked > LONGEST_RELATIVE ? asked : Math.floor(bucket.now() / 1000) + asked;
}

/** What a mutation answers: the new CAS, and the token of the place in the vbucket's history. */
export function mutated(document: Document, { bucket, key }: Place, value?: Buffer): Response {
  const extras = Buffer.alloc(16);
  extras.writeBigUInt64BE(bucket.marksOf(bucket.vbucketOf(key)).uuid, 0);
  extras.writeBigUInt64BE(document.seqno, 8);
  return { status: STATUS.success, cas: document.cas, extras, ...(value === undefined ? {} : { value }) };
}

/** Refuses a mutation of a locked document, or one with another CAS than the document's. */
export function guard(place: Place, request: Request, held: Document | undefined): void {
  if (held === undefined) {
    if (request.cas !== 0n) throw new Refusal(STATUS.keyNotFound);
    return;
  }
  const lock = place.bucket.lockOf(place.collection, place.key);
  if (lock !== undefined && lock.cas !== request.cas) throw new Refusal(STATUS.locked);
  if (lock === undefined && request.cas !== 0n && request.cas !== held.cas)
    throw new Refusal(STATUS.keyExists);
}

export function isJson(value: Buffer): boolean {
  try {
    JSON.parse(value.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

export function datatypeOf({ value, xattrs }: Document): number {
  return (isJson(value) ? DATATYPE.json : 0) | (xattrs.size > 0 ? DATATYPE.xattr : 0);
}

function existing({ bucket, collection, key }: Place): Document {
  const document = bucket.get(collection, key);
  if (document === undefined) throw new Refusal(STATUS.keyNotFound);
  return document;
}

function isLocked({ bucket, collection, key }: Place): boolean {
  return bucket.lockOf(collection, key) !== undefined;
}

function withValue(document: Document, cas = document.cas): Response {
  const extras = Buffer.alloc(4);
  extras.writeUInt32BE(document.flags, 0);
  const datatype = datatypeOf(document) & DATATYPE.json;
  return { status: STATUS.success, cas, extras, value: document.value, datatype };
}
