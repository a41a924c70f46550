/**
 * Scans of one vbucket's keys or documents: a range of keys in byte order, or a random sample (kv_engine,
 * range_scans/range_scan_*.md). A scan sees the vbucket as it was when the scan was created.
 */
import type { Bucket, Document } from './bucket.ts';
import { datatypeOf } from './documents.ts';
import type { Request, Response } from './frame.ts';
import { DATATYPE, Refusal, STATUS } from './wire.ts';

interface Scan {
  readonly vbucket: number;
  /** The history that it reads: the node of another one does not know the scan. */
  readonly uuid: bigint;
  readonly keysOnly: boolean;
  /** What is still to be sent. */
  readonly entries: (readonly [Buffer, Document | null])[];
}

interface Plan {
  readonly collection: number;
  readonly keysOnly: boolean;
  readonly range: { readonly low: Bound; readonly high: Bound } | null;
  readonly sampling: { readonly seed: number; readonly samples: number } | null;
}

interface Bound {
  readonly key: Buffer;
  readonly inclusive: boolean;
}

const [KEYS, DOCUMENTS] = [0, 1];
/** What one answer carries at most, whatever the client allows. */
const LARGEST_BATCH = 1024 * 1024;
const EVERYTHING = { after: null, upTo: null, limit: Number.MAX_SAFE_INTEGER };

/** The scans that one connection has open. */
export class RangeScans {
  readonly #open = new Map<string, Scan>();
  readonly #newId: () => Buffer;

  /** @param newId 16 bytes that name a scan. */
  constructor(newId: () => Buffer) {
    this.#newId = newId;
  }

  create(bucket: Bucket, request: Request): Response {
    if (request.vbucket >= bucket.vbuckets) throw new Refusal(STATUS.notMyVbucket);
    const asked = parsed(request.value);
    requireSnapshot(bucket, request.vbucket, asked.snapshot_requirements);
    const plan = planOf(asked);
    if (!bucket.hasCollection(plan.collection)) throw new Refusal(STATUS.unknownCollection);
    const keys = keysFor(bucket, request.vbucket, plan);
    if (keys.length === 0) throw new Refusal(STATUS.keyNotFound);
    const entries = keys.flatMap((key) => {
      const document = plan.keysOnly ? null : bucket.get(plan.collection, key);
      return document === undefined ? [] : [[key, document] as const];
    });
    const id = this.#newId();
    const { uuid } = bucket.marksOf(request.vbucket);
    this.#open.set(id.toString('hex'), { vbucket: request.vbucket, uuid, keysOnly: plan.keysOnly, entries });
    return { status: STATUS.success, value: id };
  }

  /** The next batch. Extras: id, most items, most milliseconds, most bytes; 0 is no limit. */
  continue(bucket: Bucket, request: Request): Response {
    if (request.extras.length !== 28) throw new Refusal(STATUS.invalid);
    const [id, scan] = this.#find(request);
    if (scan.uuid !== bucket.marksOf(request.vbucket).uuid) throw new Refusal(STATUS.keyNotFound);
    const items = request.extras.readUInt32BE(16) || Number.POSITIVE_INFINITY;
    const bytes = Math.min(request.extras.readUInt32BE(24) || LARGEST_BATCH, LARGEST_BATCH);
    const batch: Buffer[] = [];
    for (let size = 0; scan.entries.length > 0 && batch.length < items && size < bytes; ) {
      const [key, document] = scan.entries.shift() as (typeof scan.entries)[number];
      const entry = document === null ? withLength(key) : encoded(key, document);
      batch.push(entry);
      size += entry.length;
    }
    const done = scan.entries.length === 0;
    if (done) this.#open.delete(id);
    const extras = Buffer.alloc(4);
    extras.writeUInt32BE(scan.keysOnly ? KEYS : DOCUMENTS);
    return { status: done ? STATUS.scanComplete : STATUS.scanMore, extras, value: Buffer.concat(batch) };
  }

  cancel(request: Request): Response {
    if (request.extras.length !== 16) throw new Refusal(STATUS.invalid);
    const [id] = this.#find(request);
    this.#open.delete(id);
    return { status: STATUS.success };
  }

  #find({ extras, vbucket }: Request): [string, Scan] {
    const id = extras.subarray(0, 16).toString('hex');
    const scan = this.#open.get(id);
    if (scan === undefined || scan.vbucket !== vbucket) throw new Refusal(STATUS.keyNotFound);
    return [id, scan];
  }
}

function keysFor(bucket: Bucket, vbucket: number, { collection, range, sampling }: Plan): Buffer[] {
  const all = bucket.keys(collection, EVERYTHING, vbucket);
  if (sampling !== null) return sampled(all, sampling.samples, sampling.seed);
  if (range === null) return all;
  const above = (key: Buffer, { key: low, inclusive }: Bound) =>
    Buffer.compare(key, low) >= (inclusive ? 0 : 1);
  const below = (key: Buffer, { key: high, inclusive }: Bound) =>
    Buffer.compare(key, high) <= (inclusive ? 0 : -1);
  return all.filter((key) => above(key, range.low) && below(key, range.high));
}

/** Each key with the same chance, so about as many as asked; the same seed gives the same sample. */
function sampled(keys: readonly Buffer[], samples: number, seed: number): Buffer[] {
  if (keys.length <= samples) return [...keys];
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return keys.filter(() => next() < samples / keys.length);
}

function parsed(value: Buffer): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(value.toString('utf8')));
  } catch {
    throw new Refusal(STATUS.invalid);
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Refusal(STATUS.invalid);
  return value as Record<string, unknown>;
}

function planOf(asked: Record<string, unknown>): Plan {
  const { collection = '0', key_only: keysOnly = false, range = null, sampling = null } = asked;
  const known = typeof collection === 'string' && /^[0-9a-f]{1,8}$/i.test(collection);
  if (!known || typeof keysOnly !== 'boolean' || (range === null) === (sampling === null))
    throw new Refusal(STATUS.invalid);
  return {
    collection: Number.parseInt(collection, 16),
    keysOnly,
    range: range === null ? null : { low: bound(range, 'start'), high: bound(range, 'end') },
    sampling: sampling === null ? null : samplingOf(sampling),
  };
}

/** The body names each bound once: as `start` or `excl_start`, and as `end` or `excl_end`, in base64. */
function bound(range: unknown, side: 'start' | 'end'): Bound {
  const names = fieldsOf(range);
  const [inclusive, exclusive] = [names[side], names[`excl_${side}`]];
  const text = inclusive ?? exclusive;
  if (typeof text !== 'string' || (inclusive === undefined) === (exclusive === undefined))
    throw new Refusal(STATUS.invalid);
  return { key: Buffer.from(text, 'base64'), inclusive: inclusive !== undefined };
}

function samplingOf(sampling: unknown): { seed: number; samples: number } {
  const { seed, samples } = fieldsOf(sampling);
  if (typeof seed !== 'number' || typeof samples !== 'number' || samples < 1)
    throw new Refusal(STATUS.invalid);
  return { seed: seed % 2 ** 32, samples };
}

/** "Not before you have this mutation": everything a client was told of is here, unless its history is another. */
function requireSnapshot(bucket: Bucket, vbucket: number, requirements: unknown): void {
  if (requirements === undefined) return;
  const { vb_uuid: uuid, seqno } = fieldsOf(requirements);
  if (!Number.isSafeInteger(seqno)) throw new Refusal(STATUS.invalid);
  const marks = bucket.marksOf(vbucket);
  if (uuid !== marks.uuid.toString()) throw new Refusal(STATUS.vbucketUuidNotEqual);
  if (BigInt(seqno as number) > marks.seqno) throw new Refusal(STATUS.temporaryFailure);
}

/** Flags, expiry, sequence number, CAS, data type, then key and value with their lengths. Attributes are left out. */
function encoded(key: Buffer, document: Document): Buffer {
  const head = Buffer.alloc(25);
  head.writeUInt32BE(document.flags, 0);
  head.writeUInt32BE(document.expiry, 4);
  head.writeBigUInt64BE(document.seqno, 8);
  head.writeBigUInt64BE(document.cas, 16);
  head.writeUInt8(datatypeOf(document) & DATATYPE.json, 24);
  return Buffer.concat([head, withLength(key), withLength(document.value)]);
}

/** The length as unsigned LEB128, and the bytes. */
function withLength(bytes: Buffer): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(length), bytes]);
}
