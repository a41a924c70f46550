/** The `Idempotency-Key` of a request: it names the request, so that a repetition is known for what it is. */
import { createHash } from 'node:crypto';
import type { Headers } from './headers.ts';
import { bad } from './problem.ts';

const NAME = 'idempotency-key';
const LONGEST = 255;

/**
 * What names a request among all others: the key together with what it asks, so that a key which is used twice by mistake
 * names two requests. Undefined where there is no key.
 */
export function requestIn(headers: Headers, verb: string, body: Uint8Array | string): string | undefined {
  const key = headers[NAME];
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > LONGEST)
    throw bad(NAME, `Idempotency-Key has ${key.length} characters. Send 1 to ${LONGEST}, a UUID say.`);
  return createHash('sha256')
    .update(`${JSON.stringify(key)} ${verb}\n`)
    .update(body)
    .digest('base64url');
}

/** A deletion leaves nothing behind that could remember a key. */
export function refuseIdempotencyKey(headers: Headers): void {
  if (headers[NAME] !== undefined)
    throw bad(
      NAME,
      'DELETE takes no Idempotency-Key: it can be repeated as it is. Where a repetition with If-Match is refused, read the ' +
        'document: 404 says that it is gone.',
    );
}
