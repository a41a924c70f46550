/** The look of verification at one key. A difference is no error: it may be a write on its way, and is looked at again. */

import { call, type Steps } from './call.ts';
import { type Phase, ROUTES, type StoreName } from './phase.ts';
import { agree, type CouchbaseState, type OracleState } from './state.ts';

/**
 * `equal`: both stores hold the same in the same version, and the store that `phase` names orders the key. `marker`:
 * equal, with the marker of a deletion left in Couchbase. `differs`: it may be a write on its way. All but `equal` are
 * a case for converge.
 */
export type Verdict = 'equal' | 'marker' | 'differs';

export function* verify(phase: Phase): Steps<Verdict> {
  if (ROUTES[phase].second === null) return yield* alone(ROUTES[phase].first);
  // The follower first, as in converge.
  if (ROUTES[phase].order === 'oracle') {
    const held = yield* call('couchbase.read', {});
    return verdict(held, yield* call('oracle.read', {}));
  }
  const row = yield* call('oracle.read', {});
  const held = yield* call('couchbase.read', {});
  return row.handoff === null ? verdict(held, row) : 'differs';
}

/** In `legacy` only a marker can be left over; in `contract` Couchbase is not looked at any more. */
function* alone(store: StoreName): Steps<Verdict> {
  if (store === 'oracle') return 'equal';
  const held = yield* call('couchbase.read', {});
  return marked(held);
}

function verdict(held: CouchbaseState, row: OracleState): Verdict {
  return agree(held, row) ? marked(held) : 'differs';
}

function marked(held: CouchbaseState): Verdict {
  return held.cas !== 0n && held.content === null ? 'marker' : 'equal';
}
