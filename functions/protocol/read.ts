/** The read of a document in every phase. */

import { CallFailed, call, type Steps } from './call.ts';
import { ATTEMPTS, carry } from './carry.ts';
import { fillGap } from './gap.ts';
import { giveBack } from './order_of_key.ts';
import { type Phase, ROUTES } from './phase.ts';
import {
  agree,
  type CouchbaseState,
  floorOf,
  isMortal,
  isNothing,
  isSpent,
  type OracleState,
  type Versioned,
} from './state.ts';
import { isShortened, shorten } from './touched.ts';

/** Content null is "not found". Throws `CallFailed` where the store does not answer. */
export function* read(phase: Phase): Steps<Versioned> {
  const route = ROUTES[phase];
  if (route.flags.reads === 'oracle') return yield* call('oracle.read', {});
  if (route.order !== 'sealed') return yield* call('couchbase.read', {});
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = yield* call('couchbase.read', {});
    const row = yield* call('oracle.read', {});
    const shown = yield* agreed(phase, held, row);
    if (shown !== 'again') return shown;
  }
  throw new CallFailed(`A read met ${ATTEMPTS} changes in a row`);
}

/** Neighbours in `switch` read Oracle: it must hold what we are about to show before anybody sees it. */
function* agreed(phase: Phase, held: CouchbaseState, row: OracleState): Steps<Versioned | 'again'> {
  // 1. It is found here. 2. Another document is put over it. 3. Its time comes, and its row tells of nothing, which the key has never held.
  if (isSpent(held, row)) return (yield* call('couchbase.read', {})).cas === held.cas ? row : 'again';
  if (agree(held, row)) return held;
  if (isShortened(held, row)) {
    yield* shorten(held, row);
    return 'again';
  }
  if (row.handoff !== null) {
    // Only a forced move leaves such a key in `seal`. It is given back first: `expand`, which may follow, reads Couchbase alone.
    yield* call('receipt.send', {});
    yield* giveBack(held, row);
    return 'again';
  }
  if (isNothing(held)) {
    yield* call('receipt.send', {});
    yield* fillGap(phase, held, row);
    return 'again';
  }
  if (held.version <= floorOf(row)) yield* call('receipt.send', {});
  const carried = yield* carry(held);
  // 1. It is found here. 2. Its time comes. 3. A neighbour reads the older one in Oracle. 4. It is carried, and must not be shown.
  return carried.kind === 'carried' && !isMortal(held) ? held : 'again';
}
