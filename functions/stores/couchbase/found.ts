/** What Couchbase has answered about a document, as the protocol sees it. */
import { type Cas, LookupInSpec } from 'couchbase';
import { documentFrom } from '../../protocol/fingerprint.ts';
import type { CouchbaseState } from '../../protocol/state.ts';
import type { TooLargeToRead } from '../failure.ts';
import { parseAttribute, readState } from './attribute.ts';
import type { Looked } from './lookup.ts';

const EXPIRY = LookupInSpec.get('$document.exptime', { xattr: true });
export const EXPIRY_AND_BODY = [EXPIRY, LookupInSpec.get('')];
export const EXPIRY_AND_SIZE = [EXPIRY, LookupInSpec.get('$document.value_bytes', { xattr: true })];

/** @param found by `EXPIRY_AND_BODY`. */
export function stateFound(found: Looked): CouchbaseState {
  const [expiry, body] = found.others;
  const bytes = body ?? Buffer.alloc(0);
  const { version, marker, request, attribute } = readStateOf(found, bytes);
  const content = marker ? null : documentFrom(bytes, expiryIn(expiry), request);
  return { content, version, cas: found.cas, ...(attribute === undefined ? {} : { attribute }) };
}

/** @param found by `EXPIRY_AND_SIZE`. */
export function sizeFound(found: Looked): Pick<TooLargeToRead, 'bytes' | 'version' | 'expiresAt'> {
  const [expiry, size] = found.others;
  // Its body may be that of a marker, and the version is the same either way.
  const { version } = readStateOf(found, Buffer.alloc(0));
  return { bytes: Number(size?.toString('utf8') ?? 0), version, expiresAt: expiryIn(expiry) };
}

function readStateOf({ cas, attribute }: Looked, body: Buffer): ReturnType<typeof readState> {
  return readState(cas, body, attribute === undefined ? null : parseAttribute(attribute.toString('utf8')));
}

/** Milliseconds since the epoch; null for never. */
function expiryIn(told: Buffer | undefined): number | null {
  const seconds = Number(told?.toString('utf8') ?? 0);
  return seconds === 0 ? null : seconds * 1000;
}

export function casOf(result: { cas: Cas } | null): bigint {
  const cas = casOrNull(result);
  if (cas === null) throw new Error('An upsert has no guard that could fail');
  return cas;
}

export function casOrNull(result: { cas: Cas } | null): bigint | null {
  return result === null ? null : BigInt(result.cas.toString());
}
