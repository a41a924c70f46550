/**
 * The one attribute that Crossfade keeps on Couchbase documents: `crossfade`, with the version where that is not the
 * CAS, and the mark of a deletion. It is believed only while it carries the document's own CAS: any other write leaves
 * it behind. Which request wrote the document is also believed while the body is the one that it wrote: then somebody else has
 * only touched it, and a repetition of the request finds what its first time did.
 */
import { createHash } from 'node:crypto';
import { type Document, effectiveVersion } from '../../protocol/state.ts';
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
  /** What `wroteIn` tells of that request and the body; functions of the version before tell nothing of it. */
  readonly wrote: string | undefined;
}

/** Characters of base64url: 126 bits. */
const DIGEST = 21;

/** By which the body is known as the one that its request wrote; null where no request is told. */
export function wroteIn(content: Pick<Document, 'request' | 'body'> | null): string | null {
  if (content?.request === undefined) return null;
  // With the request: functions of the version before put a request of theirs beside what one of ours has left here.
  const hash = createHash('sha256').update(`${content.request}\n`).update(content.body);
  return hash.digest('base64url').slice(0, DIGEST);
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
  const { version, cas, marker, request, wrote } = found as Record<string, unknown>;
  const [parsedVersion, parsedCas] = [parseVersion(version), parseMacro(cas)];
  if (parsedVersion === null || parsedCas === null) return null;
  return {
    version: parsedVersion,
    cas: parsedCas,
    marker: marker === true,
    request: textIn(request),
    wrote: textIn(wrote),
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
    request: attribute !== null && isOf(attribute, cas, body) ? attribute.request : undefined,
    marker: attribute?.marker === true && (attribute.cas === cas || body.equals(MARKER_BODY)),
  };
}

/** Whether the document is as the request has left it, but for what others than a write of its body have changed. */
function isOf({ cas, request, wrote }: Attribute, now: bigint, body: Buffer): boolean {
  return cas === now || (wrote !== undefined && wrote === wroteIn({ request, body }));
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
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
