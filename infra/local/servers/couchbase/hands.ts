/** Other hands in a bucket: they answer what clients write with mutations of their own, as those of a real bucket do. */
import { type Bucket, type Content, deletionOf } from './bucket.ts';
import type { Mutation } from './mutation.ts';

/** What another hand does to a document that a client has written. */
export type Deed =
  /** Keeps an attribute of its own on the document, as Sync Gateway's import does: another CAS, the same body. */
  | { readonly kind: 'metadata'; readonly attribute: string }
  /** Gives it another expiry, as an app with sliding sessions does: another CAS, the same body. Seconds from now; 0 for never. */
  | { readonly kind: 'touch'; readonly seconds: number }
  /** Writes another body, as an old deployment does. It knows nothing of us. */
  | { readonly kind: 'write'; readonly body: string }
  | { readonly kind: 'delete' };

export interface Hand {
  readonly deed: Deed;
  /** Only keys that begin with it. */
  readonly prefix?: string;
  /** It answers the second, the fourth, … write if 2, and so on; each one if not given. */
  readonly every?: number;
  /** How many writes it answers; all from now on if null. */
  readonly times: number | null;
}

/** Names of an attribute's members are short, and the longest name of an attribute has 15 characters. */
const LONGEST_NAME = 15;

interface AtWork {
  readonly hand: Hand;
  left: number;
  seen: number;
}

export class Hands {
  #all: AtWork[] = [];
  #done = 0;
  /** Whether the mutation that is told of was made by a hand: none answers another. */
  #busy = false;

  constructor(buckets: Iterable<Bucket>) {
    for (const bucket of buckets) bucket.watch((mutation) => this.#note(bucket, mutation));
  }

  order(hand: Hand): void {
    const { deed } = hand;
    if (deed.kind === 'metadata' && (deed.attribute === '' || deed.attribute.length > LONGEST_NAME))
      throw new Error(`The name of an attribute has 1 to ${LONGEST_NAME} characters`);
    this.#all.push({ hand, left: hand.times ?? Number.POSITIVE_INFINITY, seen: 0 });
  }

  clear(): void {
    this.#all = [];
  }

  /** How many mutations they have made since this was asked the last time. */
  takeDone(): number {
    const done = this.#done;
    this.#done = 0;
    return done;
  }

  #note(bucket: Bucket, mutation: Mutation): void {
    if (this.#busy || mutation.document.deleted) return;
    const key = mutation.key.toString('utf8');
    for (const each of this.#all) {
      const { prefix = '', every = 1 } = each.hand;
      if (each.left <= 0 || !key.startsWith(prefix) || ++each.seen % every !== 0) continue;
      each.left--;
      // The client is answered first.
      setImmediate(() => this.#act(bucket, mutation, each.hand.deed));
    }
  }

  #act(bucket: Bucket, { collection, key }: Mutation, deed: Deed): void {
    const held = bucket.get(collection, key);
    if (held === undefined) return;
    this.#busy = true;
    try {
      const [content, prepare] = done(deed, held, Math.floor(bucket.now() / 1000));
      bucket.put(collection, key, content, prepare);
      this.#done++;
    } finally {
      this.#busy = false;
    }
  }
}

type Prepare = NonNullable<Parameters<Bucket['put']>[3]>;

function done(deed: Deed, held: Content, now: number): [Content, Prepare?] {
  switch (deed.kind) {
    case 'metadata':
      // It knows its own mutation by the CAS in its attribute.
      return [
        held,
        (content, { cas }) => ({
          ...content,
          xattrs: new Map([...content.xattrs, [deed.attribute, JSON.stringify({ cas: String(cas) })]]),
        }),
      ];
    case 'touch':
      return [{ ...held, expiry: deed.seconds === 0 ? 0 : now + deed.seconds }];
    case 'write':
      return [{ ...held, value: Buffer.from(deed.body), expiry: 0 }];
    case 'delete':
      return [deletionOf(held)];
  }
}
