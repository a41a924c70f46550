/**
 * A protocol step unfolded into a tree: what it asks for next, and where each reply leads. Generators cannot be
 * copied, but they are deterministic: the first way on from a place goes on with the generator itself, and any other
 * replays its replies, once. The places are remembered.
 */
import { type Call, CallFailed, type Reply, type Steps } from '../../functions/protocol/call.ts';

export type Ending<R> = { readonly kind: 'returned'; readonly value: R } | { readonly kind: 'failed' };

type Given = Reply | CallFailed;

let places = 0;

export class Place<R> {
  /** Names this place in a state's fingerprint. */
  readonly id = places++;
  /** The call that it waits for, or null where it has ended. */
  readonly call: Call | null;
  readonly ending: Ending<R> | null;
  readonly #start: () => Steps<R>;
  /** How it was reached; null for the beginning. */
  readonly #way: { readonly from: Place<R>; readonly reply: Given } | null;
  /** Null once it has gone on. */
  #steps: Steps<R> | null;
  #first: { readonly reply: Given; readonly place: Place<R> } | null = null;
  #after: Map<string, Place<R>> | null = null;

  constructor(start: () => Steps<R>, way: { readonly from: Place<R>; readonly reply: Given } | null = null) {
    this.#start = start;
    this.#way = way;
    const steps = way === null ? start() : way.from.#take();
    const at = went(steps, way === null ? null : way.reply);
    this.#steps = steps;
    this.call = at.call;
    this.ending = at.ending;
  }

  after(reply: Given): Place<R> {
    if (this.#first === null) {
      const place = new Place(this.#start, { from: this, reply });
      this.#first = { reply, place };
      return place;
    }
    this.#after ??= new Map([[replyKey(this.#first.reply), this.#first.place]]);
    const key = replyKey(reply);
    let place = this.#after.get(key);
    if (place === undefined) {
      place = new Place(this.#start, { from: this, reply });
      this.#after.set(key, place);
    }
    return place;
  }

  /** The documents that it has been shown, and may carry on. */
  shown(): string[] {
    const digests: string[] = [];
    for (let way = this.#way; way !== null; way = way.from.#way) {
      const { reply } = way;
      if (reply !== null && typeof reply === 'object' && 'content' in reply && reply.content !== null)
        digests.push(reply.content.digest);
    }
    return digests;
  }

  /** A generator that waits here. */
  #take(): Steps<R> {
    const steps = this.#steps ?? this.#replayed();
    this.#steps = null;
    return steps;
  }

  #replayed(): Steps<R> {
    const replies: Given[] = [];
    for (let way = this.#way; way !== null; way = way.from.#way) replies.push(way.reply);
    const steps = this.#start();
    went(steps, null);
    for (const reply of replies.reverse()) went(steps, reply);
    return steps;
  }
}

/** Where a step gets to with a reply; its beginning takes none, and null. */
function went<R>(steps: Steps<R>, reply: Given): { call: Call | null; ending: Ending<R> | null } {
  try {
    const next = reply instanceof CallFailed ? steps.throw(reply) : steps.next(reply);
    return next.done
      ? { call: null, ending: { kind: 'returned', value: next.value } }
      : { call: next.value, ending: null };
  } catch (error) {
    if (error instanceof CallFailed) return { call: null, ending: { kind: 'failed' } };
    throw error;
  }
}

function replyKey(reply: Given): string {
  if (reply instanceof CallFailed) return 'failed';
  if (reply === null || typeof reply !== 'object') return String(reply);
  const digest = reply.content?.digest ?? '';
  return 'cas' in reply
    ? `${digest}|${reply.version}|${reply.cas}`
    : `${digest}|${reply.version}|${reply.handoff}|${reply.handback}`;
}
