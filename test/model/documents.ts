/**
 * The documents of the model. Each is known by one character, its digest, and by the write that has left it: the bucket and other hands give a
 * document another expiry, and it is still what that write has left.
 */
import type { Value } from '../../functions/certification/operation.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import type { Content, Document } from '../../functions/protocol/state.ts';

export const IMMORTAL = 'abcdefghijklmnop';
/** Those that have an expiry, the one that is there from the start included. */
export const MORTAL = 'ABCDEFGHIJKLMNOPS';
/** Those that have one body, each with another expiry: what is written is the expiry. */
export const ALIKE = 'αβγδεζηθικλμνξοπ';
/** Digests of documents that were given another expiry; none of them is that of a write. */
const FIRST_GIVEN = 0x4e00;

interface Made extends Document {
  /** The digest of what a client wrote. */
  readonly value: string;
}

const made = new Map<string, Made>();
const given = new Map<string, Made>();

/** The document that a write leaves which nobody has touched. */
export function documentOf(digest: string): Document {
  return madeOf(digest);
}

function madeOf(digest: string): Made {
  const known = made.get(digest);
  if (known !== undefined) return known;
  const alike = digest.length === 1 ? ALIKE.indexOf(digest) : -1;
  const expiresAt = alike >= 0 ? 2000 + alike : isOfMortal(digest) ? 1000 : null;
  return make(digest, alike >= 0 ? 'alike' : digest, expiresAt, digest);
}

function make(digest: string, body: string, expiresAt: number | null, value: string): Made {
  const payload = new Payload(Buffer.from(body), expiresAt);
  const document = { digest, payload, body: payload.body, expiresAt, value };
  made.set(digest, document);
  return document;
}

/** The same document with another expiry. */
export function expiringAt({ digest }: Document, expiresAt: number | null): Document {
  const of = madeOf(digest);
  if (of.expiresAt === expiresAt) return of;
  const written = madeOf(of.value);
  if (written.expiresAt === expiresAt) return written;
  const key = `${of.value} ${expiresAt}`;
  const known = given.get(key);
  if (known !== undefined) return known;
  const name = String.fromCharCode(FIRST_GIVEN + given.size);
  const document = make(name, Buffer.from(of.body).toString(), expiresAt, of.value);
  given.set(key, document);
  return document;
}

/** What a client has written, whatever expiry it has been given since. */
export function writtenIn(content: Content): Value {
  return content === null ? null : writtenAs(content.digest);
}

export function writtenAs(digest: string): string {
  return made.get(digest)?.value ?? digest;
}

/** Whether the document, by its digest, has an expiry, and when it is. */
export function expiryOf(digest: string): number | null {
  return madeOf(digest).expiresAt;
}

/** As a person reads it. */
export function spelt(digest: string): string {
  const value = writtenAs(digest);
  return value === digest ? digest : `${value}+${expiryOf(digest)}`;
}

function isOfMortal(digest: string): boolean {
  return digest.length === 1 && MORTAL.includes(digest);
}

/** A list of documents with one more; the name of one may be a part of another's. */
export function listing(list: string, digest: string): string {
  return isListed(list, digest) ? list : `${list}${digest} `;
}

export function isListed(list: string, digest: string): boolean {
  return list.split(' ').includes(digest);
}
