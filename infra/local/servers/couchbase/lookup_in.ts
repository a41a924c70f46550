/** Subdocument lookups: several looks into one document and its attributes, each with a status of its own. */
import type { Document } from './bucket.ts';
import { crc32c } from './crc32c.ts';
import { datatypeOf, isJson, type Place } from './documents.ts';
import type { Request, Response } from './frame.ts';
import { entriesOf, find, parsePath } from './json_path.ts';
import type { Marks } from './storage.ts';
import { DATATYPE, Refusal, STATUS, type Status } from './wire.ts';

export const SPEC_FLAG = { createParents: 0x01, xattr: 0x04, expandMacros: 0x10 } as const;
export const DOC_FLAG = { upsert: 0x01, insert: 0x02, accessDeleted: 0x04 } as const;
const LOOK = { getDocument: 0x00, get: 0xc5, exists: 0xc6, count: 0xd2 } as const;
const MOST_SPECS = 16;

interface Spec {
  readonly opcode: number;
  readonly flags: number;
  readonly path: string;
}

interface Found {
  readonly document: Document;
  readonly marks: Marks;
}

interface Result {
  readonly status: Status;
  readonly value: string | Buffer;
}

export function lookupIn({ bucket, collection, key }: Place, request: Request): Response {
  const docFlags = request.extras.length > 0 ? request.extras.readUInt8(0) : 0;
  const specs = parseSpecs(request.value);
  checkSpecs(specs);
  const document = bucket.get(collection, key, (docFlags & DOC_FLAG.accessDeleted) !== 0);
  if (document === undefined) throw new Refusal(STATUS.keyNotFound);
  const found = { document, marks: bucket.marksOf(bucket.vbucketOf(key)) };
  const results = specs.map((spec) => lookUp(found, spec));
  const failed = results.some(({ status }) => status !== STATUS.success);
  const value = Buffer.concat(results.map(encodeResult));
  return { status: overall(failed, document.deleted), cas: document.cas, value };
}

function overall(failed: boolean, deleted: boolean): Status {
  if (failed) return deleted ? STATUS.multiPathFailureDeleted : STATUS.multiPathFailure;
  return deleted ? STATUS.successDeleted : STATUS.success;
}

function parseSpecs(value: Buffer): Spec[] {
  const specs: Spec[] = [];
  for (let at = 0; at < value.length; ) {
    if (at + 4 > value.length) throw new Refusal(STATUS.invalid);
    const pathAt = at + 4;
    const end = pathAt + value.readUInt16BE(at + 2);
    if (end > value.length) throw new Refusal(STATUS.invalid);
    const [opcode, flags] = [value.readUInt8(at), value.readUInt8(at + 1)];
    specs.push({ opcode, flags, path: value.toString('utf8', pathAt, end) });
    at = end;
  }
  return specs;
}

/** 1 to 16 specs; one user attribute a request; virtual ones, whose names begin with `$`, come on top. Attributes come first. */
export function checkSpecs(specs: readonly Pick<Spec, 'flags' | 'path'>[]): void {
  if (specs.length === 0 || specs.length > MOST_SPECS) throw new Refusal(STATUS.invalidCombination);
  const paths = specs.map(({ flags, path }) => ((flags & SPEC_FLAG.xattr) === 0 ? '' : path));
  const names = paths.filter((path) => path !== '').map((path) => String(parsePath(path)[0]));
  if (new Set(names.filter((name) => !name.startsWith('$'))).size > 1)
    throw new Refusal(STATUS.xattrInvalidKeys);
  const body = paths.indexOf('');
  if (body >= 0 && paths.slice(body).some((path) => path !== ''))
    throw new Refusal(STATUS.invalidCombination);
}

function lookUp(found: Found, spec: Spec): Result {
  try {
    return { status: STATUS.success, value: look(found, spec) };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, value: '' };
    throw error;
  }
}

function look(found: Found, { opcode, flags, path }: Spec): string | Buffer {
  const { document } = found;
  const inAttribute = (flags & SPEC_FLAG.xattr) !== 0;
  if (!inAttribute && opcode === LOOK.getDocument) {
    if (path !== '') throw new Refusal(STATUS.invalid);
    if (document.value.length === 0) throw new Refusal(STATUS.pathNotFound);
    return document.value;
  }
  const [first, ...rest] = parsePath(path);
  const text = inAttribute ? attribute(found, String(first), rest[0]) : bodyText(document);
  const { value } = find(text, inAttribute || path === '' ? rest : parsePath(path));
  if (value === null) throw new Refusal(STATUS.pathNotFound);
  switch (opcode) {
    case LOOK.get:
      return text.slice(value.from, value.to);
    case LOOK.exists:
      return '';
    case LOOK.count:
      if (!'{['.includes(text[value.from] as string)) throw new Refusal(STATUS.pathMismatch);
      return String(entriesOf(text, value).length);
    default:
      throw new Refusal(STATUS.invalidCombination);
  }
}

function bodyText(document: Document): string {
  if (!isJson(document.value)) throw new Refusal(STATUS.notJson);
  return document.value.toString('utf8');
}

function attribute({ document, marks }: Found, name: string, member?: string | number): string {
  if (name === '$document') return virtualDocument(document, marks, member);
  if (name.startsWith('$')) throw new Refusal(STATUS.xattrUnknownVirtual);
  const text = document.xattrs.get(name);
  if (text === undefined) throw new Refusal(STATUS.pathNotFound);
  return text;
}

/** What the server knows of a document beside its value. Numbers of 64 bits are hexadecimal, the revision is decimal. */
function virtualDocument(document: Document, { uuid }: Marks, member?: string | number): string {
  const { cas, seqno, revision, expiry, flags, deleted, value } = document;
  const type = datatypeOf(document);
  const types = [...(type & DATATYPE.json ? ['json'] : []), ...(type & DATATYPE.xattr ? ['xattr'] : [])];
  return JSON.stringify({
    CAS: hex(cas, 16),
    vbucket_uuid: hex(uuid, 16),
    seqno: hex(seqno, 16),
    revid: revision.toString(),
    exptime: expiry,
    flags,
    value_bytes: value.length,
    datatype: types.length === 0 ? ['raw'] : types,
    deleted,
    last_modified: (cas / 1_000_000_000n).toString(),
    // As long as the value: only for who reads it.
    ...((member ?? 'value_crc32c') === 'value_crc32c' && { value_crc32c: hex(crc32c(value), 8) }),
  });
}

function hex(value: bigint | number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function encodeResult({ status, value }: Result): Buffer {
  const bytes = Buffer.from(value);
  const header = Buffer.alloc(6);
  header.writeUInt16BE(status, 0);
  header.writeUInt32BE(bytes.length, 2);
  return Buffer.concat([header, bytes]);
}
