/** Which write a document is of, whatever expiry it was given since; and when its time is up. */
import type { Value } from '../../functions/certification/operation.ts';
import type { Call } from '../../functions/protocol/call.ts';
import { documentFrom, fingerprint } from '../../functions/protocol/fingerprint.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import type { Content, Document } from '../../functions/protocol/state.ts';
import { lasting, type Random, type Scheduler } from './scheduler.ts';
import { heldIn } from './trace.ts';

/** Milliseconds that a document with an expiry of its writer has at most. */
const LONGEST_LIFE = 40_000;
/** The body of all documents of which the expiry is what is written; their share; and when they expire, in milliseconds from now. */
const [ALIKE, SHARE, SOONEST, LATEST] = ['alike', 0.4, 180_000, 1_200_000];

/** In what documents end, and who follows what clients may see. */
export interface Witnesses {
  readonly stores: {
    /** @returns whether either store had it. */
    expire(key: string, digest: string): boolean;
    /** Whether either store shows what a write has left, whatever its expiry. */
    shows(key: string, value: string): boolean;
  };
  readonly history: { expire(key: string, value: string): void; fade(key: string, value: string): void };
}

export class Lives {
  readonly #scheduler: Scheduler;
  /** By key and digest. */
  readonly #written = new Map<string, string>();
  /** Whether some documents expire. */
  mortal = true;
  /** Decides which writes change nothing but the expiry. Null: none does. */
  alike: Random | null = null;
  /** The maximum TTL of the bucket in milliseconds; 0 for none. */
  maxTtl = 0;
  witnesses: Witnesses | null = null;
  /** Is told whose time is up. */
  ended: (key: string, value: string) => void = () => {};

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** What a client is about to put. Some documents live for seconds only: shorter than a request may take. */
  payload(key: string, value: string): Payload {
    const { random, now } = this.#scheduler;
    const isMortal = this.mortal && random.chance(0.15);
    const expiresAt = isMortal ? wholeSeconds(now + 1 + random.below(LONGEST_LIFE)) : null;
    const isAlike = this.alike?.chance(SHARE) === true;
    const payload = isAlike ? this.#alike(key, value) : new Payload(Buffer.from(value), expiresAt);
    this.#begins(key, value, payload, true);
    return payload;
  }

  /** The write that has left it. */
  valueOf(key: string, content: Pick<Document, 'digest' | 'body'> | null): Value {
    if (content === null || this.#written.size === 0) return heldIn(content);
    return this.#written.get(`${key} ${content.digest}`) ?? heldIn(content);
  }

  /** Whether the expiry is all that tells it from others. */
  isAlike(content: Pick<Document, 'body'>): boolean {
    return heldIn(content) === ALIKE;
  }

  /** The same document with another expiry, in milliseconds; null for none. */
  expiring(key: string, document: Document, expiresAt: number | null, request?: string): Document {
    const value = this.valueOf(key, document) as string;
    const at = expiresAt === null ? null : this.#free(key, value, document.body, expiresAt);
    const given = documentFrom(document.body, at, request);
    this.#begins(key, value, given, false);
    return given;
  }

  /** A bucket with a maximum TTL counts it from each mutation, and takes no later expiry. */
  shortened(key: string, content: Content): Content {
    if (this.maxTtl === 0 || content === null) return content;
    const latest = wholeSeconds(this.#scheduler.now + this.maxTtl);
    const { expiresAt, request } = content;
    if (expiresAt !== null && expiresAt <= latest) return content;
    return this.expiring(key, content, latest, request);
  }

  /** As the bucket takes what it is sent. */
  taken(key: string, call: Call): Call {
    if (call.name !== 'couchbase.upsert' && call.name !== 'couchbase.swap') return call;
    const content = this.shortened(key, call.content);
    return content === call.content ? call : ({ ...call, content } as Call);
  }

  #alike(key: string, value: string): Payload {
    const body = Buffer.from(ALIKE);
    const after = SOONEST + (this.alike?.below(LATEST) ?? 0);
    return new Payload(body, this.#free(key, value, body, wholeSeconds(this.#scheduler.now + after)));
  }

  /** Two writes of one body must not get one expiry: nobody could tell what was read. */
  #free(key: string, value: string, body: Uint8Array, expiresAt: number): number {
    let at = expiresAt;
    while ((this.#written.get(`${key} ${fingerprint(body, at)}`) ?? value) !== value) at += 1000;
    return at;
  }

  #begins(
    key: string,
    value: string,
    { digest, expiresAt }: Pick<Document, 'digest' | 'expiresAt'>,
    asked: boolean,
  ): void {
    const id = `${key} ${digest}`;
    if (expiresAt === null || this.#written.has(id)) return;
    this.#written.set(id, value);
    const after = expiresAt - this.#scheduler.now;
    this.#scheduler.sleep(lasting('time'), after, `${key} ${value} expires`).then(() => {
      this.#end(key, digest, value, asked);
    });
  }

  /** Where a store shows with another expiry what the same write has left, whoever looks may see it yet. @param asked whether its writer wanted it so. */
  #end(key: string, digest: string, value: string, asked: boolean): void {
    const isHeld = this.witnesses?.stores.expire(key, digest) === true;
    // What was about to get an expiry may never have been stored with it.
    if (!asked && !isHeld) return;
    this.ended(key, value);
    if (this.witnesses?.stores.shows(key, value)) this.witnesses.history.fade(key, value);
    else this.witnesses?.history.expire(key, value);
  }
}

function wholeSeconds(milliseconds: number): number {
  return 1000 * Math.ceil(milliseconds / 1000);
}
