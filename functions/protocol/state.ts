/** What each store can hold for one key, as the protocol sees it. */
import type { Payload } from './payload.ts';
import { NO_VERSION, type Version } from './version.ts';

/** A live document. The protocol compares digests only; adapters carry the bytes along unread. */
export interface Document {
  /** Canonical fingerprint of body and expiry; equal digests mean equal documents in either store. */
  readonly digest: string;
  /** The body, exactly as the app sent it. */
  readonly body: Uint8Array;
  /** Absolute expiry in milliseconds since the epoch, or null for none. */
  readonly expiresAt: number | null;
  /**
   * Which request wrote it, where that request said so: a repeated one knows its own work by it. It is no part of the
   * content that is compared, and goes wherever the document is copied.
   */
  readonly request?: string | undefined;
  /** Body and expiry, with what follows from them. */
  readonly payload?: Payload;
}

/** A document or, as null, its absence by deletion or expiry. */
export type Content = Document | null;

/** What a store holds for a key, in which version. */
export interface Versioned {
  readonly content: Content;
  readonly version: Version;
}

/**
 * Couchbase's side of a key. `cas` 0 is "no document at all"; content null with a CAS is a **marker**: a
 * deletion that keeps its version, for as long as an older copy may still be on its way.
 */
export interface CouchbaseState extends Versioned {
  /** Effective version: that of the `crossfade` xattr where its CAS is the document's, else the CAS itself. */
  readonly version: Version;
  readonly cas: bigint;
  /**
   * The version that the xattr names, also where its CAS is not the document's any more: somebody has touched it since, or written over it.
   * Undefined for none.
   */
  readonly attribute?: Version | undefined;
}

/**
 * Why a state was set aside. `taken back`: Couchbase decided in `expand`, and held something else. `couchbase forgot`: it held an older
 * version than Oracle of a key that it orders. `oracle forgot`: Couchbase held a
 * copy of a later version than Oracle, which alone makes such copies. `past oracle`: Couchbase held a plain write of a later version, of a
 * key that Oracle orders. `unexplained`: it was gone from Couchbase, and nothing tells that it was deleted there.
 */
export const REASONS = [
  'taken back',
  'couchbase forgot',
  'oracle forgot',
  'past oracle',
  'unexplained',
] as const;
export type Reason = (typeof REASONS)[number];

/**
 * Oracle's side of a key. Version 0 is "no row"; content null with a version is a tombstone. Which store orders the
 * writes of this key stands in its row, where every write of it meets, and not in what a router believes.
 */
export interface OracleState extends Versioned {
  /** Null while Couchbase orders the writes of this key; once Oracle does, the last version that Couchbase ordered. */
  readonly handoff: Version | null;
  /**
   * The CAS at which Couchbase has last begun to order the key anew: what it had put there before, and has not come to Oracle by
   * then, is over, and never will. 0 if it has ordered the key from the beginning.
   */
  readonly handback: Version;
}

export const NO_DOCUMENT: CouchbaseState = { content: null, version: NO_VERSION, cas: 0n };
export const NO_ROW: OracleState = {
  content: null,
  version: NO_VERSION,
  handoff: null,
  handback: NO_VERSION,
};

/** Below this, or at it, nothing that Couchbase has put there comes to Oracle. */
export function floorOf({ version, handback }: OracleState): Version {
  return version > handback ? version : handback;
}

export function sameContent(a: Content, b: Content): boolean {
  if (a === b) return true;
  return a !== null && b !== null && (isSpeltAlike(a, b) || a.digest === b.digest);
}

/** The same bytes need no canonical form to be the same document. Documents of the model have none, and are told apart by their digests. */
function isSpeltAlike(a: Document, b: Document): boolean {
  const { length } = a.body;
  const alike = length > 0 && length === b.body.length && a.expiresAt === b.expiresAt;
  return alike && Buffer.compare(a.body, b.body) === 0;
}

export function sameState(a: Versioned, b: Versioned): boolean {
  return a.version === b.version && sameContent(a.content, b.content);
}

/** The version of a Couchbase document from its CAS and whatever its xattr says. */
export function effectiveVersion(cas: bigint, xattr: { version: Version; cas: bigint } | null): Version {
  return xattr !== null && xattr.cas === cas ? xattr.version : cas;
}

/** Whether whoever wrote it has given it a version: a plain write has its CAS for one. */
export function isCopy({ version, cas }: CouchbaseState): boolean {
  return version !== cas;
}

/**
 * A marker without a version says nothing of its key: there is no document, and whoever has to be sure that it stays so has a CAS
 * to guard a write with.
 */
export function isPlaceholder({ content, version, cas }: CouchbaseState): boolean {
  return cas !== 0n && content === null && version === NO_VERSION;
}

/** A document that may be gone by now, though nobody has touched it. */
export function isMortal({ content }: CouchbaseState): boolean {
  return content !== null && content.expiresAt !== null;
}

/** No document, and no deletion of one. */
export function isNothing(held: CouchbaseState): boolean {
  return held.cas === 0n || isPlaceholder(held);
}

/**
 * Whether it is a copy of what the row held before Couchbase has put something else there: that has expired in Couchbase since, so
 * a copy that was made for an absent document found none.
 */
export function isOutdated(held: CouchbaseState, row: OracleState): boolean {
  return isCopy(held) && row.handoff === null && held.version < row.version;
}

/** Whether its time is up in Oracle alone: each store has a clock of its own, and a version names one document. */
export function isSpent(held: CouchbaseState, row: OracleState): boolean {
  return isMortal(held) && row.content === null && held.version === row.version;
}

/** Absent on both sides is agreement, whatever versions a tombstone remembers. */
export function agree(held: CouchbaseState, row: OracleState): boolean {
  if (isNothing(held)) return row.content === null;
  return sameState(held, row) || isSpent(held, row);
}
