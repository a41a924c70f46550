/** What an HTTP request asks for. */
import type { KeysInPath } from '../../configuration/keys_in_path.ts';
import { quoted } from '../../parsing/quoted.ts';
import { Payload } from '../../protocol/payload.ts';
import type { Precondition } from '../../routing/precondition.ts';
import type { Place, WriteRequest } from '../../routing/request.ts';
import type { HttpEvent } from './event.ts';
import { expiryIn, type Headers, preconditionIn } from './headers.ts';
import { type Asker, refuseIdempotencyKey, requestIn } from './idempotency.ts';
import { keyOf } from './key.ts';
import { BadRequest, bad, problem } from './problem.ts';
import { restKeyOf } from './rest_key.ts';
import { METHODS } from './routes.ts';

export type Asked =
  | ({ readonly verb: 'read'; readonly bodiless: boolean; readonly precondition: Precondition } & Place)
  | WriteRequest;

const ALLOW = METHODS.join(', ');
const PATCH_TYPE = 'application/merge-patch+json';

/** @param collection that there is. Throws `BadRequest`. */
export function askedOf(event: HttpEvent, collection: string, keysInPath: KeysInPath, asker: Asker): Asked {
  const place = { collection, key: keyIn(event, keysInPath) };
  const precondition = preconditionIn(event.headers);
  const expiresAt = expiryIn(event.headers, asker.now);
  switch (event.method) {
    case 'GET':
    case 'HEAD':
      return { verb: 'read', bodiless: event.method === 'HEAD', precondition, ...place };
    case 'PUT':
      return {
        verb: 'put',
        ...place,
        precondition,
        payload: jsonIn(event, 'application/json', expiresAt),
        request: requestIn(event.headers, event.method, event.body, asker),
      };
    case 'DELETE':
      refuseIdempotencyKey(event.headers);
      return { verb: 'delete', ...place, precondition };
    case 'PATCH': {
      const patch = Buffer.from(jsonIn(event, PATCH_TYPE).body).toString('utf8');
      return {
        verb: 'patch',
        ...place,
        precondition,
        patch,
        expiresAt: expiresAt === undefined ? 'keep' : expiresAt,
        request: requestIn(event.headers, event.method, event.body, asker),
      };
    }
    default:
      throw new BadRequest(
        problem('method', `${quoted(event.method)} is none of ${ALLOW}.`, { allow: ALLOW }),
      );
  }
}

/** Throws `BadRequest`. Where a REST API is in front, a key in the path is certain, whatever the configuration says of HTTP APIs. */
function keyIn({ address, parameters }: HttpEvent, keysInPath: KeysInPath): string {
  const { key: parameter } = parameters;
  return address.gateway === 'rest'
    ? restKeyOf(address, parameter)
    : keyOf({ ...address, parameter, keysInPath });
}

/** @param known those that the caller may be told of. */
export function collectionOf(
  { parameters }: HttpEvent,
  collections: readonly string[],
  known: readonly string[] = collections,
): string {
  const { collection = '' } = parameters;
  if (collections.includes(collection)) return collection;
  const none = known.length === 0 ? 'no collection' : `none of ${known.join(', ')}`;
  throw bad('no-such-collection', `${quoted(collection)} is ${none}.`);
}

/** The body, once it is known to be JSON that both stores can hold. @param expiresAt when the document of this body expires. */
export function jsonIn(
  { headers, body, replaced }: HttpEvent,
  expected: string,
  expiresAt: number | null = null,
): Payload {
  const type = (headers['content-type'] ?? expected).split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && type !== expected)
    throw bad('media-type', `Content-Type is ${quoted(type)}. Send ${expected}.`);
  if (replaced)
    throw (
      encoded(headers) ??
      bad(
        'not-utf8',
        'The body has bytes that are no UTF-8, or U+FFFD, which stands for such bytes, and no Content-Length that tells them ' +
          'apart. Send UTF-8, and spell U+FFFD as \\ufffd.',
      )
    );
  const payload = new Payload(body, expiresAt);
  if (payload.json !== null) return payload;
  throw (
    encoded(headers) ??
    bad(
      'not-json',
      'The body is no JSON (RFC 8259) in UTF-8, or is nested deeper than 1,000. Mend it and send it again.',
    )
  );
}

/** What headers say of a body that nobody could read: it is decoded nowhere on its way. Null where they say nothing. What is JSON in UTF-8 is taken, whatever they say. */
function encoded({
  'content-encoding': encoding = '',
  'content-type': type = '',
}: Headers): BadRequest | null {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1] ?? 'utf-8';
  const [name, value] = /^(identity)?$/i.test(encoding.trim())
    ? ['The charset of Content-Type', /^utf-?8$/i.test(charset) ? null : charset]
    : ['Content-Encoding', encoding];
  if (value === null) return null;
  return bad('media-type', `${name} is ${quoted(value)}. Send the body as it is, in UTF-8.`);
}
