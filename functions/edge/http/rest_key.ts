/**
 * The key of a request to a REST API, which tells a path as it was sent, and a query decoded: a space may have been a `+`, a `%` may have been encoded anew, a `;` separates
 * parameters, and U+FFFD stands for any byte that is no UTF-8. So the path takes every key, as one percent-encoded part; `?key=` takes those that can be read in one way.
 * (apigateway/latest/developerguide/api-gateway-known-issues.html; github.com/hotsock/voker, vokerhttp/testdata/apigwv1-request.json, 2026-11-28)
 */
import { BEFORE_KEY, decoded } from './key.ts';
import { type BadRequest, bad } from './problem.ts';

export interface RestAddress {
  /** As it was sent, without the stage. */
  readonly path: string;
  /** All parameters with all their values, decoded. */
  readonly query: Readonly<Record<string, readonly string[]>>;
}

/** What encodeURIComponent leaves of a key, and what else may stand in one part of a path (RFC 3986). No slash: clients and proxies resolve dots between slashes. */
const ONE_PART = /^(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})+$/i;

/** @param parameter of the path, as the gateway gives it; undefined on the route without one. Throws `BadRequest` where no key, or no certain one, is named. */
export function restKeyOf({ path, query }: RestAddress, parameter: string | undefined): string {
  const asked = Object.hasOwn(query, 'key') ? (query.key ?? []) : [];
  if (asked.length > 1 || (asked.length === 1 && parameter !== undefined))
    throw bad('key-twice', 'The request names more than one key. Send it in the path, or as ?key=, once.');
  const [key] = asked;
  if (key !== undefined) return certain(key, Object.keys(query).length);
  if (parameter === undefined)
    throw bad(
      'key-missing',
      'The request names no key. Send it in the path, percent-encoded as encodeURIComponent does.',
    );
  return inPath(path.replace(BEFORE_KEY, ''), parameter);
}

/** @param parameters how many the query has. */
function certain(key: string, parameters: number): string {
  if (parameters === 1 && key !== '' && !/[ %\ufffd]/.test(key) && key.isWellFormed()) return key;
  throw ambiguous(
    '?key= can be read in two ways: the private API decodes a query, so that a space may have been a +, a % may be part of the key or not, and what ' +
      'stands behind ; or & is a parameter of its own.',
  );
}

/** @param tail of the path, behind `documents/`. */
function inPath(tail: string, parameter: string): string {
  const key = ONE_PART.test(tail) ? decoded(tail) : null;
  // The gateway was seen to give the parameter as the path has it; its pages have it decoded.
  if (key !== null && (parameter === tail || parameter === key)) return key;
  throw ambiguous('The key in the path is not one part of percent-encoded UTF-8: a slash of a key is %2F.');
}

function ambiguous(why: string): BadRequest {
  return bad(
    'key-ambiguous',
    `${why} Send /v1/collections/{collection}/documents/{key}, with the key encoded as encodeURIComponent does.`,
  );
}
