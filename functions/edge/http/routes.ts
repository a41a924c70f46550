/** The routes of the API, as the gateway spells them. */

/** Each takes every one of `METHODS`. The second is for keys as `?key=`. */
export const DOCUMENT_ROUTES = [
  '/v1/collections/{collection}/documents/{key+}',
  '/v1/collections/{collection}/documents',
] as const;
export const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const;
/** Takes POST. */
export const BATCH_ROUTE = '/v1/collections/{collection}/batch';
/** Takes POST, of a change feed: which keys have changed in Couchbase. */
export const CHANGES_ROUTE = '/v1/collections/{collection}/changes';
/** What a token must have for that route: its `scope`, or `scp`, names it. */
export const CHANGES_SCOPE = 'crossfade/changes';
/**
 * Takes POST, of operators: signed as AWS's own APIs want it. Operations that only look have no other; each of the others has a route of its
 * own, which goes before this one.
 */
export const OPERATIONS_ROUTE = '/v1/operations/{operation}';
