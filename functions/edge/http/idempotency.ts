/** The `Idempotency-Key` of a request: it names the request, so that a repetition is known for what it is. */
import { createHash } from 'node:crypto';
import type { FormerName, RequestName } from '../../routing/repetition.ts';
import type { Claims } from './event.ts';
import type { Headers } from './headers.ts';
import { bad } from './problem.ts';

const NAME = 'idempotency-key';
const LONGEST = 255;
/** Characters of base64url in each half of a name: 126 bits. */
const HALF = 21;
/** Nanoseconds in a millisecond. */
const NANOSECONDS = 1_000_000n;

/** What the name of a request depends on, beside the request. */
export interface Asker {
  /** Of the token. Whose key it is. */
  readonly claims: Claims;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When this container began, in milliseconds since the epoch. */
  readonly began: number;
  /** Milliseconds, after which a deployment has replaced the functions of the version before. */
  readonly bake: number;
}

/**
 * What names a request among all others. Its key belongs to the caller; the fingerprint covers the verb, the precondition and
 * the expiry as they were sent, and the body. Undefined where there is no key.
 */
export function requestIn(
  headers: Headers,
  verb: string,
  body: Uint8Array | string,
  asker: Asker,
): RequestName | undefined {
  const key = headers[NAME];
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > LONGEST)
    throw bad(NAME, `Idempotency-Key has ${key.length} characters. Send 1 to ${LONGEST}, a UUID say.`);
  const { 'if-match': match, 'if-none-match': noneMatch, 'expires-at': at, ttl } = headers;
  return {
    key: half([...ownerOf(asker.claims), key]),
    fingerprint: half([verb, match, noneMatch, at, ttl], body),
    former: formerIn(key, verb, body, asker),
  };
}

function ownerOf({ iss, sub, client_id, azp }: Claims): readonly unknown[] {
  return [iss, sub, client_id, azp];
}

/** Lists of texts are spelt as JSON, in which no list can be taken for another. */
function half(parts: readonly unknown[], body: Uint8Array | string = ''): string {
  const texts = parts.map((part) => (typeof part === 'string' ? part : null));
  const hash = createHash('sha256')
    .update(`${JSON.stringify(texts)}\n`)
    .update(body);
  return hash.digest('base64url').slice(0, HALF);
}

/**
 * The version before named a request by key, verb and body alone, so the request of another caller can look the same. Its
 * names count for a bake after the document was written: for as long as functions of both versions serve requests, and a
 * client repeats what it began before. When that was, the document's version tells where Couchbase ordered the write: a CAS
 * has nanoseconds since the epoch. A write that Oracle ordered only counts up, so there a name counts while this container is
 * younger than a bake: a request that the version before has served is repeated within a bake of its end, and every
 * container of this version began after that.
 */
function formerIn(
  key: string,
  verb: string,
  body: Uint8Array | string,
  { now, began, bake }: Asker,
): FormerName {
  return {
    text: () =>
      createHash('sha256')
        .update(`${JSON.stringify(key)} ${verb}\n`)
        .update(body)
        .digest('base64url'),
    from: BigInt(now - bake) * NANOSECONDS,
    // Couchbase's clock may be ahead of ours.
    to: BigInt(now + bake) * NANOSECONDS,
    deployed: now <= began + bake,
  };
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
