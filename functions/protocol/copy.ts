/** The backfill of one key: what Couchbase holds, applied to Oracle if newer. */

import { call, type Steps } from './call.ts';
import { isNothing } from './state.ts';

/** Whether Oracle took the copy. `false` is no failure: it holds something as new, or there is nothing to copy. */
export function* copy(): Steps<boolean> {
  const held = yield* call('couchbase.read', {});
  if (isNothing(held)) return false;
  const applied = yield* call('oracle.apply', { content: held.content, version: held.version });
  // A forced move has left the row handed off, and it takes no copies. Converge takes the key back, so a receipt asks for it.
  if (!applied && (yield* call('oracle.read', {})).handoff !== null) yield* call('receipt.send', {});
  return applied;
}
