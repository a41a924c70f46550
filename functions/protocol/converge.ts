/** The one repair: make both stores hold the same for a key. Receipts, verification and copy-back call nothing else. */

import { call, type Steps } from './call.ts';
import { ATTEMPTS, remind } from './carry.ts';
import { erase, fillGap, isGap, saysNothing } from './gap.ts';
import { giveBack, takeBack, takeOver } from './order_of_key.ts';
import { type Phase, ROUTES } from './phase.ts';
import { type CouchbaseState, floorOf, isNothing, isSpent, type OracleState, sameState } from './state.ts';
import { isShortened, shorten, taking } from './touched.ts';

/**
 * `equal`: nothing to do any more. `marker`: equal, with a marker left in Couchbase; send a receipt with its CAS,
 * and the converge that handles it, a bake later, removes the marker. `busy`: leave it to redelivery.
 */
export type Converged =
  | { readonly kind: 'equal' | 'busy' }
  | { readonly kind: 'marker'; readonly cas: bigint };

type Look = Converged | 'again';
const EQUAL: Converged = { kind: 'equal' };

/** @param expired CAS of a marker that was seen at rest a bake ago; 0 for none. */
export function* converge(phase: Phase, expired: bigint): Steps<Converged> {
  if (phase === 'contract') return EQUAL;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const looked = phase === 'legacy' ? yield* tidy() : yield* look(phase, expired);
    if (looked !== 'again') return looked;
  }
  return { kind: 'busy' };
}

/** In `legacy` no copy can be on its way to Couchbase: a marker has no purpose left. */
function* tidy(): Steps<Look> {
  const held = yield* call('couchbase.read', {});
  if (held.cas === 0n || held.content !== null) return EQUAL;
  return (yield* call('couchbase.erase', { cas: held.cas })) === null ? 'again' : EQUAL;
}

function* look(phase: Phase, expired: bigint): Steps<Look> {
  // The follower is read first: the other way round, a write between the two reads looks like a deletion.
  if (ROUTES[phase].order === 'oracle') {
    const held = yield* call('couchbase.read', {});
    return yield* followOracle(phase, held, yield* call('oracle.read', {}), expired);
  }
  const row = yield* call('oracle.read', {});
  const held = yield* call('couchbase.read', {});
  if (row.handoff === null) return yield* followCouchbase(phase, held, row, expired);
  // Only a forced move leaves such a key here.
  if (phase === 'expand') return (yield* takeBack(held, row)) && held.content !== null ? EQUAL : 'again';
  const given = yield* giveBack(held, yield* call('oracle.read', {}));
  return given && held.content !== null ? EQUAL : 'again';
}

function* followCouchbase(
  phase: Phase,
  held: CouchbaseState,
  row: OracleState,
  expired: bigint,
): Steps<Look> {
  // The receipt of a marker comes again where its worker has died, perhaps just after it had removed the marker.
  if (isGap(phase, held, row))
    yield* fillGap(phase, held, row, () => expired !== 0n && expired < row.version);
  else if (held.cas === 0n || isSpent(held, row)) return EQUAL;
  else if (sameState(held, row)) return yield* rest(phase, held, row, expired);
  else if (isShortened(held, row)) yield* shorten(held, row);
  else if (saysNothing(phase, held, row))
    yield* call('couchbase.swap', { cas: held.cas, content: row.content, version: row.version });
  else if (held.version > floorOf(row)) {
    const applied = yield* call('oracle.apply', { content: held.content, version: held.version });
    // Whatever Couchbase has been given since then has a receipt of its own.
    if (applied && held.content !== null) return EQUAL;
  } else yield* remind(held);
  return 'again';
}

/** In `settle`, where Oracle orders the keys. */
function* followOracle(phase: Phase, held: CouchbaseState, row: OracleState, expired: bigint): Steps<Look> {
  if ((held.cas === 0n && row.content === null) || isSpent(held, row)) return EQUAL;
  if (held.cas !== 0n && sameState(held, row)) return yield* rest(phase, held, row, expired);
  const taken = taking(held, row);
  if (taken !== null) yield* taken;
  // Nothing is taken from Couchbase that Oracle has never had: no backfill has copied it, or its writer is on its way.
  else if (row.handoff === null && !isNothing(held) && held.version > floorOf(row)) {
    // An Oracle that has come back in an earlier state is behind the first look, too, whatever was put there since.
    if ((yield* call('couchbase.read', {})).cas === held.cas)
      yield* call('oracle.apply', { content: held.content, version: held.version });
  } else if (row.handoff === null || held.version >= row.version) yield* takeOver(held, row);
  else yield* call('couchbase.swap', { cas: held.cas, content: row.content, version: row.version });
  return 'again';
}

/** Both hold the same. A marker may go once no copy made before it can still arrive. */
function* rest(phase: Phase, held: CouchbaseState, row: OracleState, expired: bigint): Steps<Look> {
  if (held.content !== null) return EQUAL;
  if (phase !== 'expand' && held.cas !== expired) return { kind: 'marker', cas: held.cas };
  // 1. The row is read. 2. A write puts a document over the marker. 3. A failover brings the marker back, CAS and all. To erase it
  // would leave a tombstone above what was written.
  if (ROUTES[phase].order !== 'oracle' && (yield* call('oracle.read', {})).version !== row.version)
    return 'again';
  return (yield* erase(phase, held, row)) ? EQUAL : 'again';
}
