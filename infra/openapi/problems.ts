/** When each problem is answered, and to which requests. */
import { PROBLEMS, type Slug } from '../../functions/edge/http/problems.ts';

/** Requests, by their methods; `BATCH` is one of writes, `WRITE` one write in it, and `CHANGES` one of a change feed. */
export const ASKED = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'BATCH', 'WRITE', 'CHANGES'] as const;
export type Asked = (typeof ASKED)[number];

interface When {
  readonly when: string;
  readonly to: readonly Asked[];
}

const DOCUMENT = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const;
const CHANGE = ['PUT', 'PATCH', 'DELETE'] as const;
const BODY = ['PUT', 'PATCH', 'BATCH', 'CHANGES'] as const;
const REQUEST = [...DOCUMENT, 'BATCH', 'CHANGES'] as const;

/** A kind of problem that is missing here is refused by the compiler. */
export const WHEN: Readonly<Record<Slug, When>> = {
  'key-missing': { when: 'No key is named, in the path or as ?key=.', to: DOCUMENT },
  'key-twice': { when: 'More than one key is named.', to: DOCUMENT },
  'key-encoding': { when: '?key= is not percent-encoded UTF-8.', to: DOCUMENT },
  'key-ambiguous': { when: 'The key is in the path, where it can be read in two ways.', to: DOCUMENT },
  etag: {
    when: 'If-Match or If-None-Match is neither * nor a list of ETags.',
    to: [...DOCUMENT, 'WRITE'],
  },
  expiry: {
    when: 'Expires-At or TTL cannot be read, has passed, is too far away, or both are there.',
    to: [...DOCUMENT, 'WRITE'],
  },
  'not-json': { when: 'The body is no JSON, or is nested deeper than 1,000.', to: BODY },
  'not-utf8': { when: 'The body may have bytes that are no UTF-8.', to: BODY },
  batch: { when: 'The batch cannot be read as a whole. Nothing of it was written.', to: ['BATCH'] },
  changes: { when: 'The changes cannot be read as a whole. Nothing was done.', to: ['CHANGES'] },
  scope: { when: 'The token lacks the scope of change feeds.', to: ['CHANGES'] },
  'feed-off': {
    when: 'The configuration gives the collection no change feed, or one by Kafka.',
    to: ['CHANGES'],
  },
  'idempotency-key': {
    when: 'Idempotency-Key has no or more than 255 characters, or comes with a deletion.',
    to: [...CHANGE, 'WRITE'],
  },
  'not-granted': {
    when: 'The token does not grant the verb on the collection.',
    to: [...DOCUMENT, 'BATCH'],
  },
  'no-such-collection': { when: 'The configuration has no such collection.', to: REQUEST },
  'no-such-document': { when: 'There is no such document.', to: ['GET', 'HEAD', 'PATCH', 'WRITE'] },
  // The gateway has a route for each method, and answers 404 to any other before the function is asked.
  method: { when: 'The function was asked with another method, which the gateway lets nobody do.', to: [] },
  unpatchable: { when: 'The document is no JSON.', to: ['PATCH', 'WRITE'] },
  precondition: { when: 'If-Match or If-None-Match does not hold.', to: [...DOCUMENT, 'WRITE'] },
  'too-large': {
    when: 'No answer can carry the document, or, of a write, nobody can look at what is there.',
    to: ['GET', ...CHANGE, 'WRITE'],
  },
  'media-type': { when: 'Content-Type is none that is taken.', to: BODY },
  'idempotency-key-reused': {
    when: 'The caller has written the document by another request under this key.',
    to: ['PUT', 'PATCH', 'WRITE'],
  },
  'key-not-taken': {
    when: "The collection's settings ignore the key, or none of their patterns matches it. Nothing was done.",
    to: [...DOCUMENT, 'WRITE'],
  },
  unstorable: {
    when: 'A store can never hold it: the document, or its key.',
    to: [...DOCUMENT, 'WRITE'],
  },
  'too-many-requests': {
    when: 'The caller sends more requests a second than each may. Nothing was done.',
    to: REQUEST,
  },
  'key-busy': {
    when: 'Other writes of this document are under way. Nothing was done.',
    to: [...CHANGE, 'WRITE'],
  },
  internal: { when: 'A bug. A write may have taken effect.', to: [...REQUEST, 'WRITE'] },
  'durability-impossible': {
    when: 'Too few replicas of the document are up in Couchbase. Nothing was written.',
    to: [...CHANGE, 'WRITE'],
  },
  'outcome-unknown': {
    when: 'The write may have taken effect, or may yet. Send it again.',
    to: [...CHANGE, 'WRITE'],
  },
  'phase-unknown': { when: 'The phase could not be read. Nothing was done.', to: REQUEST },
  unavailable: {
    when: 'A store, or the queue, does not answer. Nothing was written.',
    to: [...DOCUMENT, 'WRITE', 'CHANGES'],
  },
};

/** Those that are an answer to it, in the order of their statuses. */
export function problemsTo(asked: Asked): { readonly slug: Slug; readonly status: number }[] {
  return Object.values(PROBLEMS)
    .filter(({ slug }) => WHEN[slug].to.includes(asked))
    .sort((a, b) => a.status - b.status);
}

/** Whether a client should send the request again after some seconds, which the answer then says. */
export function saysRetryAfter(status: number): boolean {
  return status === 429 || status === 503;
}
