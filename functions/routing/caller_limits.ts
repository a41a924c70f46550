/**
 * How many requests each caller may send: a bucket of tokens for each, so that one who sends too many leaves the others alone. It is the share of one
 * container. Memory has a bound: where there are too many callers at the same time, those who come last share one bucket.
 */
export interface CallerLimit {
  /** Tokens that a bucket gets a second, and how many it holds. */
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  /** Below zero where a caller owes. */
  tokens: number;
  at: number;
}

/** Callers that have a bucket of their own. */
const MOST = 10_000;

export class CallerLimits {
  readonly #limit: CallerLimit;
  readonly #now: () => number;
  readonly #most: number;
  /** By the name of the caller: the one that was used last comes last. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #others: Bucket;

  /** @param now milliseconds since the epoch: a steady clock stands still while Lambda has frozen the sandbox, and nobody would get tokens meanwhile. */
  constructor(limit: CallerLimit, now: () => number, most: number = MOST) {
    this.#limit = limit;
    this.#now = now;
    this.#most = most;
    this.#others = this.#full();
  }

  /** Takes a request of this caller. @returns null, or the milliseconds after which one will be taken. */
  refusal(caller: string): number | null {
    const bucket = this.#of(caller);
    if (bucket.tokens < 1) return ((1 - bucket.tokens) * 1000) / this.#limit.perSecond;
    bucket.tokens--;
    return null;
  }

  /** A request that was taken turns out to be many: the caller has to wait for as long as they would have taken one by one. */
  owe(caller: string, more: number): void {
    this.#of(caller).tokens -= more;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #of(caller: string): Bucket {
    const found = this.#buckets.get(caller) ?? this.#new();
    if (found === this.#others) return this.#filled(found);
    this.#buckets.delete(caller);
    this.#buckets.set(caller, found);
    return this.#filled(found);
  }

  /** Nothing is lost with a bucket that is full again. */
  #new(): Bucket {
    if (this.#buckets.size < this.#most) return this.#full();
    const [oldest] = this.#buckets;
    if (oldest === undefined || this.#filled(oldest[1]).tokens < this.#limit.burst) return this.#others;
    this.#buckets.delete(oldest[0]);
    return this.#full();
  }

  #full(): Bucket {
    return { tokens: this.#limit.burst, at: this.#now() };
  }

  #filled(bucket: Bucket): Bucket {
    const { perSecond, burst } = this.#limit;
    const now = this.#now();
    // A clock that was set back gives none, and takes none away.
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    return bucket;
  }
}
