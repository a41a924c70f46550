/**
 * The payload of a document: its body and its expiry. What follows from them is worked out when it is first needed, and kept beside them: a
 * request asks for it again and again, and a payload never changes.
 */
import { createHash } from 'node:crypto';
import { canonicalText, jsonIn } from './canonical.ts';
import type { Json } from './json.ts';
import type { Document } from './state.ts';

export class Payload {
  /** Exactly as the app sent it. */
  readonly body: Uint8Array;
  /** In milliseconds since the epoch, or null for none. Both stores keep whole seconds. */
  readonly expiresAt: number | null;
  readonly #results = new Map<unknown, unknown>();

  constructor(body: Uint8Array, expiresAt: number | null) {
    this.body = body;
    this.expiresAt = expiresAt;
  }

  /** The body as JSON, or null where it is none. */
  get json(): Json | null {
    return this.once(jsonIn, () => jsonIn(this.body));
  }

  /**
   * Drops the tree, which can take 70 times the memory of its body, and whatever was worked out from it but the digests, as rows of projections: for those who hold
   * many documents at the same time. It is made again where it is needed.
   */
  dropTree(): void {
    for (const subject of this.#results.keys())
      if (subject !== digestOf && subject !== bodyDigestOf) this.#results.delete(subject);
  }

  /** SHA-256 (FIPS 180-4) of the kind of body, its canonical form and the expiry, as base64url without padding. */
  get digest(): string {
    return this.once(digestOf, () => digestOf(this));
  }

  /** The same of the kind of body and its canonical form alone. */
  get bodyDigest(): string {
    return this.once(bodyDigestOf, () => bodyDigestOf(this));
  }

  /** The result of `work`, which is done once for each subject. What throws is done again. */
  once<Result>(subject: unknown, work: () => Result): Result {
    if (!this.#results.has(subject)) this.#results.set(subject, work());
    return this.#results.get(subject) as Result;
  }
}

function digestOf({ body, expiresAt, json }: Payload): string {
  return digestAfter(`${json === null ? 'bytes' : 'json'} ${expiresAt ?? 'never'}\n`, body, json);
}

function bodyDigestOf({ body, json }: Payload): string {
  return digestAfter(`${json === null ? 'bytes' : 'json'}\n`, body, json);
}

function digestAfter(head: string, body: Uint8Array, json: Json | null): string {
  const hash = createHash('sha256').update(head);
  return hash.update(json === null ? body : canonicalText(json)).digest('base64url');
}

/** That of a document of the model is made anew: such documents have no bodies. */
export function payloadOf({ payload, body, expiresAt }: Document): Payload {
  return payload ?? new Payload(body, expiresAt);
}
