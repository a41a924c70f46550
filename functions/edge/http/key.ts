/**
 * The key that a request is about. Any key can be said as `?key=`, percent-encoded, which an HTTP API hands on as it was sent. A path it decodes twice, and cuts
 * at a question mark between: `%3F` and all behind it is gone, and `%252F` is a slash. So the function cannot tell from which key a key in the path has come, and
 * takes none unless the configuration says that no key has a `%` or a `?`; and then none that another client, gateway or proxy could have changed.
 */
import type { KeysInPath } from '../../configuration/keys_in_path.ts';
import { type BadRequest, bad } from './problem.ts';

export interface Addressed {
  /** As the gateway gives it. */
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** The path parameter, decoded by the gateway; undefined on the route without one. */
  readonly parameter: string | undefined;
  /** Whether keys are taken from paths. */
  readonly keysInPath: KeysInPath;
}

/** What stands before a key in a path. */
export const BEFORE_KEY = /^.*?\/v1\/collections\/[^/]+\/documents\//s;

/** Throws `BadRequest` where no key, or no certain one, is named. */
export function keyOf({ rawPath, rawQueryString, parameter, keysInPath }: Addressed): string {
  const asked = rawQueryString
    .split('&')
    .filter((part) => part.startsWith('key='))
    .map((part) => part.slice('key='.length));
  if (asked.length > 1 || (asked.length === 1 && parameter !== undefined))
    throw bad('key-twice', 'The request names more than one key. Send it as ?key=, once.');
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
    throw bad('key-missing', 'The request names no key. Send it percent-encoded as ?key=.');
  if (keysInPath === 'refuse' || /[%?]/.test(parameter)) throw ambiguous();
  return certain(rawPath.replace(BEFORE_KEY, ''), parameter);
}

function ambiguous(): BadRequest {
  return bad(
    'key-ambiguous',
    'The key in the path can be read in two ways: API Gateway decodes a path twice, and cuts it at %3F. Send it as ?key=, percent-encoded, to ' +
      '/v1/collections/{collection}/documents.',
  );
}

/** The gateway may leave the path encoded or not. Both readings must come to the same key. */
function certain(tail: string, parameter: string): string {
  const encodes = decoded(tail);
  const certainly =
    !isReplaced(tail) && (tail === parameter ? encodes === null || encodes === tail : encodes === parameter);
  if (certainly) return parameter;
  throw ambiguous();
}

/** U+FFFD that is not percent-encoded: a gateway puts it in the place of any byte that is no UTF-8. */
function isReplaced(text: string): boolean {
  return text.includes('\ufffd') || !text.isWellFormed();
}

/** Null for what is no percent-encoded UTF-8. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
