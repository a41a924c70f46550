/** Changes which store orders a key. It stands in the key's row, and each function takes one step towards the change. */

import { CallFailed, call, type Steps } from './call.ts';
import { erase, placehold } from './gap.ts';
import {
  type CouchbaseState,
  isCopy,
  isNothing,
  isSpent,
  type OracleState,
  sameContent,
  sameState,
} from './state.ts';
import { isShortened, shorten, taking } from './touched.ts';
import { above, type Version } from './version.ts';

/** Versions that one repair may step over by writing a copy anew, where CAS are one apart: it has as many attempts. */
const NEAR = 8n;

/** Couchbase's clock is too far behind the row's version for the key to be given back now. It is tried again by the key's receipt. */
export class ClockBehind extends CallFailed {
  override readonly name = 'ClockBehind';

  constructor(cas: bigint, version: Version) {
    // CAS are nanoseconds, and Oracle counts up from the last of them.
    const seconds = (version - cas) / 1_000_000_000n;
    super(
      `CLOCK_BEHIND: Couchbase cannot order this key yet: its newest CAS is ${cas}, about ${seconds} s behind version ${version} of the row ` +
        'in Oracle. Nothing is lost, and the key is tried again. Compare the clocks of the Couchbase nodes and mend those that are ' +
        'behind. Where the bucket was restored or replaced, and nobody can wait for so long, go back to settle: npx crossfade set settle',
    );
  }
}

/** Oracle orders the key from now on, in a version above whatever Couchbase was given without Oracle's knowledge. */
export function* takeOver(held: CouchbaseState, row: OracleState): Steps<void> {
  // Of what has expired in Oracle first, nothing is lost.
  if (!isSpent(held, row)) yield* keepUnknown(held, row);
  const version = held.version >= row.version ? above(held.version) : row.version;
  yield* call('oracle.swap', { from: row, to: { ...row, version, handoff: row.handoff ?? row.version } });
}

/**
 * Couchbase follows Oracle for a key that Oracle orders. Where it is not below the row, and holds something else, Oracle has gone back
 * to an earlier state, or somebody has written past Oracle. What Couchbase holds is kept before anything is put over it.
 */
export function* keepUnknown(held: CouchbaseState, row: OracleState): Steps<void> {
  // A copy is Oracle's, whoever orders the key by now: a repair may have given it back with what it had read before.
  if ((row.handoff === null && !isCopy(held)) || isNothing(held) || held.version < row.version) return;
  if (!sameContent(held.content, row.content))
    yield* call('oracle.keep', {
      state: held,
      // A plain write may be on its way through Oracle just now, in the window between `switch` and `settle`.
      reason: isCopy(held) ? 'oracle forgot' : 'past oracle',
      by: row.content,
    });
}

/**
 * Gives a key back to Couchbase in `seal` and `switch`, with what Oracle holds. True once Couchbase orders it.
 * @param held was read before the row.
 */
export function* giveBack(held: CouchbaseState, row: OracleState): Steps<boolean> {
  if (row.handoff === null) return false;
  // Couchbase holds exactly this version, so it may order the key again.
  if (held.cas !== 0n && sameState(held, row)) return yield* handBack(held, row);
  const taken = taking(held, row);
  if (taken !== null) yield* taken;
  else if (held.version >= row.version) yield* takeOver(held, row);
  else if (held.cas === 0n) yield* placehold();
  else yield* call('couchbase.swap', { cas: held.cas, content: row.content, version: row.version });
  return false;
}

/**
 * Takes a key back in `expand`, with what Couchbase holds: it has been the truth since the move that left the row handed off was
 * forced. What the row held is set aside. True once Couchbase orders it.
 * @param held was read after the row.
 */
export function* takeBack(held: CouchbaseState, row: OracleState): Steps<boolean> {
  // A placeholder is left where it is: who gives the key back in `seal` would put another one, and both could go on until their attempts are spent.
  if (isNothing(held))
    return yield* replace(row, { ...row, content: null, version: above(row.version), handoff: null });
  if (sameState(held, row)) return yield* handBack(held, row);
  // A marker: Oracle learns of the deletion with the next step.
  if (held.content === null) {
    yield* erase('expand', held, row);
    return false;
  }
  if (isShortened(held, row)) {
    yield* shorten(held, row);
    return false;
  }
  if (held.version <= row.version) {
    // An ETag must not name two documents, so the document of Couchbase gets a version above both first.
    yield* call('couchbase.swap', { cas: held.cas, content: held.content, version: above(row.version) });
    return false;
  }
  const { content, version, cas } = held;
  // A plain write has its CAS for a version, and is taken.
  return yield* replace(row, { content, version, handoff: null, handback: isCopy(held) ? cas : cas - 1n });
}

function* handBack({ cas }: CouchbaseState, row: OracleState): Steps<boolean> {
  if (cas < row.version) {
    // Oracle has counted on while Couchbase's clock stood still. What is written next must get a CAS that no ETag has named.
    const { content, version } = row;
    const next = yield* call('couchbase.swap', { cas, content, version });
    if (next !== null && next + NEAR <= version) throw new ClockBehind(next, version);
    return false;
  }
  return yield* call('oracle.swap', { from: row, to: { ...row, handoff: null, handback: cas } });
}

function* replace(from: OracleState, to: OracleState): Steps<boolean> {
  const same = from.content === null || sameContent(from.content, to.content);
  return yield* call('oracle.swap', { from, to, aside: same ? undefined : 'taken back' });
}
