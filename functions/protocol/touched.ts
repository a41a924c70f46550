/**
 * Documents that other hands have touched. A metadata writer gives a document another CAS, a touch another expiry, and a bucket with a maximum
 * TTL an expiry that nobody has asked for. Oracle takes what Couchbase holds, and Couchbase is not written: whoever answers each write there has
 * nothing to answer, so a key is at rest after one repair for each touch.
 */
import { call, type Steps } from './call.ts';
import { payloadOf } from './payload.ts';
import { type CouchbaseState, type Document, type OracleState, sameContent } from './state.ts';

/**
 * Whether both hold one body in one version, and Couchbase lets it expire earlier: its bucket has given it that expiry with the very mutation
 * that made the version, or the copy of it.
 */
export function isShortened({ content, version }: CouchbaseState, row: OracleState): boolean {
  if (content === null || row.content === null || version !== row.version) return false;
  const [given, asked] = [content.expiresAt, row.content.expiresAt];
  return given !== null && (asked === null || given < asked) && sameBody(content, row.content);
}

/** Oracle takes that expiry, in the same version: an ETag names a body, and when it expires is told with it. */
export function* shorten(held: CouchbaseState, row: OracleState): Steps<boolean> {
  return yield* call('oracle.swap', { from: row, to: { ...row, content: taken(held, row) } });
}

/**
 * Whether Couchbase holds a later version of what Oracle holds, of a key that Oracle orders: the same document or deletion; or the same body with
 * another expiry, where our attribute still names the row's version, or the row has taken its version from Couchbase, and nobody has written it since. Otherwise
 * the row may be younger than what was touched: 1. A client changes the expiry through Oracle. 2. Before that comes to Couchbase, the document is touched there,
 * and gets a later CAS.
 */
export function isTouched(held: CouchbaseState, row: OracleState): boolean {
  if (row.handoff === null || held.version <= row.version) return false;
  if (sameContent(held.content, row.content)) return true;
  const { content, attribute } = held;
  const isOfRow = attribute === row.version || row.handoff === row.version;
  return content !== null && row.content !== null && isOfRow && sameBody(content, row.content);
}

/** What Oracle takes of what other hands have made of its own state, of a key that it orders; null where there is nothing of the kind. */
export function taking(held: CouchbaseState, row: OracleState): Steps<boolean> | null {
  if (isShortened(held, row)) return shorten(held, row);
  return isTouched(held, row) ? raise(held, row) : null;
}

/** Oracle takes that version, and the expiry. @returns whether the row was as it was read. */
export function* raise(held: CouchbaseState, row: OracleState): Steps<boolean> {
  const { version } = held;
  if (sameContent(held.content, row.content))
    return yield* call('oracle.swap', { from: row, to: { ...row, version } });
  // 1. In `switch` the same body is put over the copy, with another expiry. 2. It finds that Oracle orders the key by now. So the row says that it has
  // taken this version from Couchbase. Of versions below it that were never seen here, nobody can tell any more.
  const to = { content: taken(held, row), version, handoff: version, handback: version - 1n };
  return yield* call('oracle.swap', { from: row, to });
}

/** A touch leaves the body as the row's request wrote it, and a repetition of that request still knows it. */
function taken({ content }: CouchbaseState, row: OracleState): CouchbaseState['content'] {
  const request = row.content?.request;
  return content === null || request === undefined ? content : { ...content, request };
}

/** Whether both have one body, whatever their expiries are. */
export function sameBody(a: Document, b: Document): boolean {
  return Buffer.compare(a.body, b.body) === 0 || payloadOf(a).bodyDigest === payloadOf(b).bodyDigest;
}
