/**
 * The key that a request is about. Any key can be said as `?key=`, percent-encoded: what comes in the path has been through
 * gateways and clients that decode, join slashes and resolve dots, and where they could have made another key of it, it is
 * refused instead.
 */
import { bad } from './problem.ts';

export interface Addressed {
  /** As the gateway gives it. */
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** The path parameter, decoded by the gateway; undefined on the route without one. */
  readonly parameter: string | undefined;
}

const BEFORE_KEY = /^.*?\/v1\/collections\/[^/]+\/documents\//s;

/** Throws `BadRequest` where no key, or no certain one, is named. */
export function keyOf({ rawPath, rawQueryString, parameter }: Addressed): string {
  const asked = rawQueryString
    .split('&')
    .filter((part) => part.startsWith('key='))
    .map((part) => part.slice('key='.length));
  if (asked.length > 1 || (asked.length === 1 && parameter !== undefined))
    throw bad('key-twice', 'The request names more than one key. Send it in the path, or as ?key=, once.');
  const [encoded] = asked;
  if (encoded !== undefined) {
    const key = encoded.includes('+') || isReplaced(encoded) ? null : decoded(encoded);
    if (key === null)
      throw bad(
        'key-encoding',
        '?key= is not percent-encoded UTF-8. Encode it as encodeURIComponent does, + as %2B and a space as %20.',
      );
    return key;
  }
  if (parameter === undefined)
    throw bad('key-missing', 'The request names no key. Send it in the path, or percent-encoded as ?key=.');
  return certain(rawPath.replace(BEFORE_KEY, ''), parameter);
}

/** The gateway may leave the path encoded or not. Both readings must come to the same key. */
function certain(tail: string, parameter: string): string {
  const encodes = decoded(tail);
  const certainly =
    !isReplaced(tail) && (tail === parameter ? encodes === null || encodes === tail : encodes === parameter);
  if (certainly) return parameter;
  throw bad(
    'key-ambiguous',
    'The key in the path can be read in two ways. Send it as ?key=, percent-encoded, to /v1/collections/{collection}/documents.',
  );
}

/** U+FFFD that is not percent-encoded: a gateway puts it in the place of any byte that is no UTF-8. */
function isReplaced(text: string): boolean {
  return text.includes('\ufffd') || !text.isWellFormed();
}

/** Null for what is no percent-encoded UTF-8. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
