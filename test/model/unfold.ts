/**
 * A protocol step unfolded into a tree: what it asks for next, and where each reply leads. Generators cannot be
 * copied, but they are deterministic: a search that forks one replays its replies once, and remembers the place.
 */
import { type Call, CallFailed, type Reply, type Steps } from '../../functions/protocol/call.ts';

export type Ending<R> = { readonly kind: 'returned'; readonly value: R } | { readonly kind: 'failed' };

let places = 0;

export class Place<R> {
  /** Names this place in a state's fingerprint. */
  readonly id = places++;
  /** The call that it waits for, or null where it has ended. */
  readonly call: Call | null;
  readonly ending: Ending<R> | null;
  readonly #start: () => Steps<R>;
  readonly #path: readonly (Reply | CallFailed)[];
  readonly #after = new Map<string, Place<R>>();

  constructor(start: () => Steps<R>, path: readonly (Reply | CallFailed)[] = []) {
    this.#start = start;
    this.#path = path;
    const at = replay(start, path);
    this.call = at.call;
    this.ending = at.ending;
  }

  after(reply: Reply | CallFailed): Place<R> {
    const key = replyKey(reply);
    let place = this.#after.get(key);
    if (place === undefined) {
      place = new Place(this.#start, [...this.#path, reply]);
      this.#after.set(key, place);
    }
    return place;
  }
}

function replay<R>(
  start: () => Steps<R>,
  path: readonly (Reply | CallFailed)[],
): { call: Call | null; ending: Ending<R> | null } {
  const steps = start();
  try {
    let next = steps.next();
    for (const reply of path) next = reply instanceof CallFailed ? steps.throw(reply) : steps.next(reply);
    return next.done
      ? { call: null, ending: { kind: 'returned', value: next.value } }
      : { call: next.value, ending: null };
  } catch (error) {
    if (error instanceof CallFailed) return { call: null, ending: { kind: 'failed' } };
    throw error;
  }
}

function replyKey(reply: Reply | CallFailed): string {
  if (reply instanceof CallFailed) return 'failed';
  if (reply === null || typeof reply !== 'object') return String(reply);
  const digest = reply.content?.digest ?? '';
  return 'cas' in reply
    ? `${digest}|${reply.version}|${reply.cas}`
    : `${digest}|${reply.version}|${reply.handoff}|${reply.handback}`;
}
