/**
 * What Couchbase holds, read for verification: by other requests than the copier's (GET instead of a lookup of the body) and
 * by other code, so that a mistake of the copier is not made a second time by whoever checks it.
 */
import { DocumentNotFoundError, LookupInSpec } from 'couchbase';
import pMap from 'p-map';
import { NOTHING, type Seen } from '../../verification/seen.ts';
import { PoisonDocument, StoreUnavailable, type Target } from '../failure.ts';
import { LARGEST_BODY } from '../storable.ts';
import { ATTRIBUTE } from './attribute.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';
import { RAW } from './raw.ts';

const SPECS = [
  LookupInSpec.get('$document.exptime', { xattr: true }),
  LookupInSpec.get('$document.value_bytes', { xattr: true }),
  LookupInSpec.get(ATTRIBUTE, { xattr: true }),
];
/** A document is written between its two looks as often as that, and it is left for later. */
const ATTEMPTS = 5;

export interface InspectOptions {
  readonly bodies: boolean;
  readonly concurrency: number;
  /** Milliseconds for each request. */
  readonly timeout: number;
}

/** In the order of the keys. Throws `StoreUnavailable` and `OperatorNeeded`. */
export function inspectCouchbase(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  keys: readonly string[],
  { bodies, concurrency, timeout }: InspectOptions,
): Promise<Seen[]> {
  const inspectOne = async (key: string): Promise<Seen> => {
    const target: Target = { store: 'couchbase', operation: 'inspect', collection: nameOf(keyspace), key };
    return connection.use(keyspace, async (collection) => {
      try {
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const looked = await collection.lookupIn(key, SPECS, { timeout });
          const cas = BigInt(looked.cas.toString());
          const [expiry, size, attribute] = looked.content.map(({ value }) => text(value));
          const seen = seenFrom(cas, Number(expiry ?? 0), Number(size ?? 0), attribute ?? null);
          if (!bodies || seen.presence !== 'live') return seen;
          const got = await collection.get(key, { timeout, transcoder: RAW });
          if (BigInt(got.cas.toString()) === cas) return { ...seen, body: got.content as Buffer };
        }
      } catch (error) {
        if (error instanceof DocumentNotFoundError) return NOTHING;
        const failure = failureOf(error, target, false);
        // A key that it cannot have is one of no document.
        if (failure instanceof PoisonDocument) return NOTHING;
        throw failure;
      }
      throw new StoreUnavailable(target, false, 'it is written all the time');
    });
  };
  return pMap(keys, inspectOne, { concurrency });
}

function text(value: unknown): string | null {
  return value === undefined ? null : Buffer.from(value as Uint8Array).toString('utf8');
}

function seenFrom(cas: bigint, expires: number, size: number, attribute: string | null): Seen {
  const ours = attribute === null ? null : ownMark(attribute, cas);
  const common = { expires: expires === 0 ? null : expires, body: null, handoff: null };
  const version = ours?.version ?? cas;
  if (ours?.marker === true) return { ...common, presence: 'deleted', version, state: `deleted@${cas}` };
  return { ...common, presence: size > LARGEST_BODY ? 'large' : 'live', version, state: `live@${cas}` };
}

/** What our attribute says, if it was written together with the document that is there now. */
function ownMark(attribute: string, cas: bigint): { version: bigint; marker: boolean } | null {
  try {
    const { version, cas: written, marker } = JSON.parse(attribute) as Record<string, unknown>;
    if (numberIn(written) !== cas) return null;
    const found = numberIn(version);
    return found === null ? null : { version: found, marker: marker === true };
  } catch {
    return null;
  }
}

/** Decimal digits, or what the server writes for its macro: 0x and eight bytes, the lowest first. */
function numberIn(value: unknown): bigint | null {
  if (typeof value !== 'string') return null;
  if (/^\d+$/.test(value)) return BigInt(value);
  const bytes = /^0x((?:[0-9a-f]{2}){8})$/i.exec(value)?.[1]?.match(/../g);
  return bytes ? BigInt(`0x${bytes.reverse().join('')}`) : null;
}
