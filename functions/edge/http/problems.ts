/** Every kind of problem that the API answers with. Nothing else can be answered, so whatever describes the API is held by this list. */

interface Kind {
  /** The last part of its URI, `urn:crossfade:problem:…`. */
  readonly slug: string;
  readonly status: number;
  /** The same for each problem of the kind. */
  readonly title: string;
}

const UNREADABLE = { status: 400, title: 'The request cannot be understood' } as const;

const KINDS = [
  { slug: 'key-missing', ...UNREADABLE },
  { slug: 'key-twice', ...UNREADABLE },
  { slug: 'key-encoding', ...UNREADABLE },
  { slug: 'key-ambiguous', ...UNREADABLE },
  { slug: 'etag', ...UNREADABLE },
  { slug: 'expiry', ...UNREADABLE },
  { slug: 'not-json', ...UNREADABLE },
  { slug: 'not-utf8', ...UNREADABLE },
  { slug: 'batch', ...UNREADABLE },
  { slug: 'idempotency-key', ...UNREADABLE },
  { slug: 'not-granted', status: 403, title: 'The token does not grant this' },
  { slug: 'changes', ...UNREADABLE },
  { slug: 'scope', status: 403, title: 'The token does not allow this' },
  { slug: 'no-such-collection', status: 404, title: 'There is no such collection' },
  { slug: 'no-such-document', status: 404, title: 'There is no such document' },
  { slug: 'method', status: 405, title: 'Documents have no such method' },
  { slug: 'feed-off', status: 409, title: 'The collection has no change feed' },
  { slug: 'unpatchable', status: 409, title: 'The document cannot be patched' },
  { slug: 'precondition', status: 412, title: 'The precondition does not hold' },
  { slug: 'too-large', status: 413, title: 'The document is too large for an answer' },
  { slug: 'media-type', status: 415, title: 'Documents are JSON' },
  {
    slug: 'idempotency-key-reused',
    ...{ status: 422, title: 'The Idempotency-Key was used for another request' },
  },
  { slug: 'key-not-taken', status: 422, title: 'The collection does not take this key' },
  { slug: 'unstorable', status: 422, title: 'The document cannot be stored' },
  { slug: 'too-many-requests', status: 429, title: 'You send more requests than you may' },
  { slug: 'key-busy', status: 429, title: 'Too many writes of this document are under way' },
  { slug: 'internal', status: 500, title: 'Something is wrong with Crossfade' },
  {
    slug: 'durability-impossible',
    ...{ status: 503, title: 'Couchbase cannot make the write safe at the moment' },
  },
  { slug: 'outcome-unknown', status: 503, title: 'The write may or may not have taken effect' },
  { slug: 'phase-unknown', status: 503, title: 'Requests cannot be served at the moment' },
  { slug: 'unavailable', status: 503, title: 'A store does not answer' },
] as const satisfies readonly Kind[];

export type Slug = (typeof KINDS)[number]['slug'];

export const PROBLEMS = Object.fromEntries(KINDS.map((kind) => [kind.slug, kind])) as {
  readonly [S in Slug]: Kind & { readonly slug: S };
};

/** What comes before a slug in the `type` of a problem. */
export const PROBLEM_TYPE = 'urn:crossfade:problem:';
