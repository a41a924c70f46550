/**
 * Receipts that are settled by a look at many keys at once. A bulk look is the first two calls of `converge`, with more time between them:
 * it reads the stores in the order of `converge`, and `converge` itself judges what was read. Between two calls of a step anything may
 * happen, so nothing new is allowed; and what is found equal is left as it is. Whatever needs a third call is no matter of a bulk look.
 */
import type { CallName, Reply } from './call.ts';
import { converge } from './converge.ts';
import { type Phase, ROUTES, type StoreName } from './phase.ts';
import type { CouchbaseState, OracleState } from './state.ts';

/** What each store held of a key; a store that was not read is left out. */
export interface Looked {
  readonly couchbase?: CouchbaseState | undefined;
  readonly oracle?: OracleState | undefined;
}

/** The stores that `converge` reads before it decides anything, in its order: the follower first. */
export function looksOf(phase: Phase): readonly StoreName[] {
  if (phase === 'contract') return [];
  if (phase === 'legacy') return ['couchbase'];
  return ROUTES[phase].order === 'oracle' ? ['couchbase', 'oracle'] : ['oracle', 'couchbase'];
}

/**
 * Whether `converge` would have nothing to do, and no marker to remove.
 * @param expired CAS of a marker that was seen at rest a bake ago; 0 for none.
 */
export function isSettled(phase: Phase, expired: bigint, { couchbase, oracle }: Looked): boolean {
  const replies = new Map<CallName, Reply | undefined>([
    ['couchbase.read', couchbase],
    ['oracle.read', oracle],
  ]);
  const steps = converge(phase, expired);
  let next = steps.next();
  while (!next.done) {
    const reply = replies.get(next.value.name);
    if (reply === undefined) return false;
    // A second read of a store asks what has come since the first one.
    replies.delete(next.value.name);
    next = steps.next(reply);
  }
  return next.value.kind === 'equal';
}
