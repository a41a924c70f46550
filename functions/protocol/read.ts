/** The read of a document in every phase. */

import { CallFailed, call, type Steps } from './call.ts';
import { carry } from './carry.ts';
import { type Phase, ROUTES } from './phase.ts';
import { agree, type Content } from './state.ts';
import type { Version } from './version.ts';

/** Content null is "not found". Throws `CallFailed` where the store does not answer. */
export function* read(phase: Phase): Steps<{ content: Content; version: Version }> {
  const route = ROUTES[phase];
  if (route.flags.reads === 'oracle') return yield* call('oracle.read', {});
  const held = yield* call('couchbase.read', {});
  if (route.order !== 'sealed' || held.cas === 0n) return held;
  // Neighbours in `switch` read Oracle: it must hold what we are about to show before anybody sees it.
  const row = yield* call('oracle.read', {});
  if (!agree(held, row)) {
    const carried = yield* carry(held);
    if (carried.kind === 'handed off') return carried.row;
    if (carried.kind === 'undone')
      throw new CallFailed('The document was undone while it was read; read it again');
  }
  return held;
}
