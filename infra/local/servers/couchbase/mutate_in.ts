/** Subdocument mutations: several edits of one document and its attributes, all of them or none. */
import type { Content, Document, Stamp } from './bucket.ts';
import { deletionOf } from './bucket.ts';
import { crc32c } from './crc32c.ts';
import { expiryOf, guard, isJson, mutated, type Place } from './documents.ts';
import { requireMajority } from './durability.ts';
import type { Request, Response } from './frame.ts';
import { type Edit, edit } from './json_edit.ts';
import { find, parsePath } from './json_path.ts';
import { checkSpecs, DOC_FLAG, SPEC_FLAG } from './lookup_in.ts';
import { requireSize } from './size.ts';
import { Refusal, STATUS } from './wire.ts';

const EDITS: Readonly<Record<number, Edit>> = {
  199: 'dictAdd',
  200: 'dictUpsert',
  201: 'remove',
  202: 'replace',
  203: 'arrayPushLast',
  204: 'arrayPushFirst',
  205: 'arrayInsert',
  206: 'arrayAddUnique',
  207: 'counter',
};
const WHOLE = { set: 0x01, remove: 0x04 } as const;
const LONGEST_ATTRIBUTE_NAME = 15;

interface Spec {
  readonly opcode: number;
  readonly flags: number;
  readonly path: string;
  readonly value: string;
  readonly bytes: Buffer;
}

/** A document under edit. */
interface Draft {
  value: Buffer;
  deleted: boolean;
  readonly xattrs: Map<string, string>;
}

export function mutateIn(place: Place, request: Request): Response {
  const { bucket, collection, key } = place;
  const { expiry, docFlags } = parseExtras(request.extras);
  // Tombstones cannot be edited here: what a real server does there is not simulated.
  if ((docFlags & ~(DOC_FLAG.upsert | DOC_FLAG.insert)) !== 0) throw new Refusal(STATUS.notSupported);
  const specs = parseSpecs(request.value);
  checkSpecs(specs);
  const held = bucket.get(collection, key);
  if (held === undefined && (docFlags & (DOC_FLAG.upsert | DOC_FLAG.insert)) === 0)
    throw new Refusal(STATUS.keyNotFound);
  if (held !== undefined && (docFlags & DOC_FLAG.insert) !== 0) throw new Refusal(STATUS.keyExists);
  guard(place, request, held);
  const draft = draftOf(held);
  const results: Buffer[] = [];
  for (const [index, spec] of specs.entries()) {
    try {
      const result = apply(draft, spec);
      if (result !== null) results.push(encodeResult(index, STATUS.success, result));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const value = encodeResult(index, error.status, null);
      return { status: STATUS.multiPathFailure, value };
    }
  }
  const kept = held !== undefined && request.framing.preserveExpiry;
  const content = contentOf(draft, held, kept ? held.expiry : expiryOf(bucket, expiry));
  requireSize(content);
  requireMajority(place.nodes, request);
  const document = bucket.put(collection, key, content, (c, stamp) => expanded(c, stamp, specs));
  return mutated(document, place, Buffer.concat(results));
}

function parseExtras(extras: Buffer): { expiry: number; docFlags: number } {
  const hasFlags = extras.length % 4 === 1;
  if (extras.length > 9 || extras.length % 4 > 1) throw new Refusal(STATUS.invalid);
  return {
    expiry: extras.length >= 4 ? extras.readUInt32BE(0) : 0,
    docFlags: hasFlags ? extras.readUInt8(extras.length - 1) : 0,
  };
}

function parseSpecs(value: Buffer): Spec[] {
  const specs: Spec[] = [];
  for (let at = 0; at < value.length; ) {
    if (at + 8 > value.length) throw new Refusal(STATUS.invalid);
    const valueAt = at + 8 + value.readUInt16BE(at + 2);
    const end = valueAt + value.readUInt32BE(at + 4);
    if (end > value.length) throw new Refusal(STATUS.invalid);
    const bytes = value.subarray(valueAt, end);
    const path = value.toString('utf8', at + 8, valueAt);
    const [opcode, flags] = [value.readUInt8(at), value.readUInt8(at + 1)];
    specs.push({ opcode, flags, path, value: bytes.toString('utf8'), bytes });
    at = end;
  }
  return specs;
}

function draftOf(held: Document | undefined): Draft {
  if (held === undefined) return { value: Buffer.from('{}'), deleted: false, xattrs: new Map() };
  return { value: held.value, deleted: false, xattrs: new Map(held.xattrs) };
}

function contentOf(draft: Draft, held: Document | undefined, expiry: number): Content {
  const content = { ...draft, flags: held?.flags ?? 0, expiry };
  return draft.deleted ? deletionOf(content) : content;
}

/** Applies one edit; returns what it answers with, which only a counter does. */
function apply(draft: Draft, spec: Spec): string | null {
  if ((spec.flags & SPEC_FLAG.xattr) !== 0) return applyToAttribute(draft, spec);
  if (spec.opcode === WHOLE.set || spec.opcode === WHOLE.remove) {
    if (spec.path !== '') throw new Refusal(STATUS.invalid);
    if (spec.opcode === WHOLE.remove) draft.deleted = true;
    else draft.value = Buffer.from(spec.bytes);
    return null;
  }
  if (!isJson(draft.value)) throw new Refusal(STATUS.notJson);
  const kind = kindOf(spec);
  const text = edit(draft.value.toString('utf8'), kind, spec.path, spec.value, creates(spec));
  draft.value = Buffer.from(text);
  return kind === 'counter' ? textAt(text, spec.path) : null;
}

function applyToAttribute({ xattrs }: Draft, spec: Spec): string | null {
  const name = String(parsePath(spec.path)[0] ?? '');
  if (name.startsWith('$')) throw new Refusal(STATUS.xattrCannotModifyVirtual);
  if (name === '' || Buffer.byteLength(name) > LONGEST_ATTRIBUTE_NAME) throw new Refusal(STATUS.xattrInvalid);
  const macros = (spec.flags & SPEC_FLAG.expandMacros) !== 0;
  if (macros && !MACROS.has(spec.value)) throw new Refusal(STATUS.xattrUnknownMacro);
  const held = xattrs.get(name);
  const text = held === undefined ? '{}' : `{${JSON.stringify(name)}:${held}}`;
  const kind = kindOf(spec);
  const edited = edit(text, kind, spec.path, spec.value, creates(spec));
  const { value } = find(edited, [name]);
  if (value === null) xattrs.delete(name);
  else xattrs.set(name, edited.slice(value.from, value.to));
  return kind === 'counter' ? textAt(edited, spec.path) : null;
}

function kindOf({ opcode }: Spec): Edit {
  const kind = EDITS[opcode];
  if (kind === undefined) throw new Refusal(STATUS.invalidCombination);
  return kind;
}

function creates({ flags }: Spec): boolean {
  return (flags & (SPEC_FLAG.createParents | SPEC_FLAG.xattr)) !== 0;
}

function textAt(text: string, path: string): string {
  const { value } = find(text, parsePath(path));
  return value === null ? '' : text.slice(value.from, value.to);
}

const macro = (name: string) => `"\${Mutation.${name}}"`;

/** Macros stand for what only the mutation itself decides. A CAS is spelled with its bytes reversed, as ever. */
const MACROS: ReadonlyMap<string, (stamp: Stamp, value: Buffer) => string> = new Map([
  [macro('CAS'), ({ cas }) => hex(cas.toString(16).padStart(16, '0').match(/../g)?.reverse().join('') ?? '')],
  [macro('seqno'), ({ seqno }) => hex(seqno.toString(16).padStart(16, '0'))],
  [macro('value_crc32c'), (_, value) => hex(crc32c(value).toString(16).padStart(8, '0'))],
]);

function hex(digits: string): string {
  return `"0x${digits}"`;
}

function expanded(content: Content, stamp: Stamp, specs: readonly Spec[]): Content {
  const xattrs = new Map(content.xattrs);
  for (const { flags, path, value } of specs) {
    const expand = MACROS.get(value);
    const name = String(parsePath(path)[0] ?? '');
    const held = xattrs.get(name);
    if ((flags & SPEC_FLAG.expandMacros) === 0 || expand === undefined || held === undefined) continue;
    const text = `{${JSON.stringify(name)}:${held}}`;
    const edited = edit(text, 'replace', path, expand(stamp, content.value), false);
    const whole = find(edited, [name]).value;
    if (whole !== null) xattrs.set(name, edited.slice(whole.from, whole.to));
  }
  return { ...content, xattrs };
}

function encodeResult(index: number, status: number, value: string | null): Buffer {
  const bytes = Buffer.from(value ?? '');
  const header = Buffer.alloc(value === null ? 3 : 7);
  header.writeUInt8(index, 0);
  header.writeUInt16BE(status, 1);
  if (value !== null) header.writeUInt32BE(bytes.length, 3);
  return Buffer.concat([header, bytes]);
}
