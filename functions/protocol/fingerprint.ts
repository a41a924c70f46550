/** The fingerprint of a document: 256 bits, so that no two different documents are ever taken for the same. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { Document } from './state.ts';

/**
 * SHA-256 (FIPS 180-4) of the kind of body, its canonical form and the expiry, as base64url without padding.
 * @param expiresAt absolute, in milliseconds since the epoch, or null for none. Both stores keep whole seconds.
 */
export function fingerprint(body: Uint8Array, expiresAt: number | null): string {
  const json = canonicalJson(body);
  const hash = createHash('sha256').update(`${json === null ? 'bytes' : 'json'} ${expiresAt ?? 'never'}\n`);
  return hash.update(json ?? body).digest('base64url');
}

/** A document from what an app or a store gave us. @param request which request wrote it, if that is known. */
export function documentFrom(body: Uint8Array, expiresAt: number | null, request?: string): Document {
  let digest: string | undefined;
  return {
    // Where one store alone is written and read, nobody compares.
    get digest() {
      digest ??= fingerprint(body, expiresAt);
      return digest;
    },
    ...{ body, expiresAt },
    ...(request === undefined ? {} : { request }),
  };
}
