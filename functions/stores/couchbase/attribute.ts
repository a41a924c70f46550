/**
 * The one attribute that Crossfade keeps on Couchbase documents: `crossfade`, with the version where that is not the
 * CAS, and the mark of a deletion. It is believed only while it carries the document's own CAS: any other write leaves
 * it behind.
 */
import { effectiveVersion } from '../../protocol/state.ts';
import { MAX_VERSION, type Version } from '../../protocol/version.ts';

export const ATTRIBUTE = 'crossfade';

/** The body of a marker. Odd on purpose: a marker whose CAS somebody changed by a touch is still known by it. */
export const MARKER_BODY: Buffer = Buffer.from('{"crossfade":"deleted"}');

/** Bytes of a body that may be the same document as a marker's: more than 1,000 of them would be blanks. */
const LONGEST_LIKE_MARKER = 1024;

/**
 * Whether a document is, as JSON, that of a marker. A plain write keeps the attribute of the marker that it replaces, so such a document would be taken for the
 * marker, touched: by us, and by whoever reads Couchbase directly and leaves markers out.
 */
export function isLikeMarker(body: Uint8Array): boolean {
  if (body.length < MARKER_BODY.length || body.length > LONGEST_LIKE_MARKER) return false;
  try {
    const { crossfade, ...others } = JSON.parse(Buffer.from(body).toString('utf8')) as Record<
      string,
      unknown
    >;
    return crossfade === 'deleted' && Object.keys(others).length === 0;
  } catch {
    return false;
  }
}

export interface Attribute {
  readonly version: Version;
  readonly cas: bigint;
  readonly marker: boolean;
  /** Which request wrote the document, if it said so. */
  readonly request: string | undefined;
}

/** Null for no attribute, or for one that is not ours to understand: then the document counts as plainly written. */
export function parseAttribute(json: string): Attribute | null {
  let found: unknown;
  try {
    found = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof found !== 'object' || found === null) return null;
  const { version, cas, marker, request } = found as Record<string, unknown>;
  const [parsedVersion, parsedCas] = [parseVersion(version), parseMacro(cas)];
  if (parsedVersion === null || parsedCas === null) return null;
  return {
    version: parsedVersion,
    cas: parsedCas,
    marker: marker === true,
    request: typeof request === 'string' ? request : undefined,
  };
}

/**
 * Versions follow CAS, which are nanoseconds, and Oracle counts on from them by one. No version of ours is a day ahead of the CAS
 * that it was stored with. One that is was put there by somebody else, and Oracle could never pass it.
 */
const FARTHEST = 86_400n * 1_000_000_000n;

/** What a document's CAS, body and attribute say about it. */
export function readState(
  cas: bigint,
  body: Buffer,
  found: Attribute | null,
): { version: Version; marker: boolean; request: string | undefined; attribute: Version | undefined } {
  const attribute = found !== null && found.version > found.cas + FARTHEST ? null : found;
  return {
    version: effectiveVersion(cas, attribute),
    attribute: attribute?.version,
    request: attribute?.cas === cas ? attribute.request : undefined,
    marker: attribute?.marker === true && (attribute.cas === cas || body.equals(MARKER_BODY)),
  };
}

/** Decimal, or the CAS as the server's macro spells it. */
function parseVersion(text: unknown): Version | null {
  if (typeof text !== 'string') return null;
  if (!/^\d{1,20}$/.test(text)) return parseMacro(text);
  const version = BigInt(text);
  return version <= MAX_VERSION ? version : null;
}

/** `${Mutation.CAS}` expands to 0x and the 8 bytes of the CAS, the lowest first (kv_engine, ExtendedAttributes.md). */
function parseMacro(text: unknown): bigint | null {
  const digits = typeof text === 'string' ? /^0x([0-9a-f]{16})$/i.exec(text)?.[1] : undefined;
  return digits === undefined ? null : Buffer.from(digits, 'hex').readBigUInt64LE();
}
