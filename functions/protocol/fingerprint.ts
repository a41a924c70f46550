/** The fingerprint of a document: 256 bits, so that no two different documents are ever taken for the same. */
import { Payload } from './payload.ts';
import type { Document } from './state.ts';

/** @param expiresAt absolute, in milliseconds since the epoch, or null for none. */
export function fingerprint(body: Uint8Array, expiresAt: number | null): string {
  return new Payload(body, expiresAt).digest;
}

/** A document from what an app or a store gave us. @param request which request wrote it, if that is known. */
export function documentFrom(body: Uint8Array, expiresAt: number | null, request?: string): Document {
  return documentOf(new Payload(body, expiresAt), request);
}

/** A document with this payload. @param request which request wrote it, if that is known. */
export function documentOf(payload: Payload, request?: string): Document {
  return {
    // Where one store alone is written and read, nobody compares.
    get digest() {
      return payload.digest;
    },
    ...{ payload, body: payload.body, expiresAt: payload.expiresAt },
    ...(request === undefined ? {} : { request }),
  };
}
