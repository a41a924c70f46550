/** The backfill of one key: what Couchbase holds, applied to Oracle if newer. */

import { call, type Steps } from './call.ts';
import { isNothing } from './state.ts';

/** Whether Oracle took the copy. `false` is no failure: it holds something as new, or there is nothing to copy. */
export function* copy(): Steps<boolean> {
  const held = yield* call('couchbase.read', {});
  if (isNothing(held)) return false;
  return yield* call('oracle.apply', { content: held.content, version: held.version });
}
