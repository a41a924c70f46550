/** Reconcilers that look at many keys at once before they converge one by one, as the model's steps: the right one, and some with a rule forgotten. */

import { isSettled, type Looked, looksOf } from '../../functions/protocol/bulk_look.ts';
import { call, type Steps } from '../../functions/protocol/call.ts';
import { type Converged, converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import {
  type CouchbaseState,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
  sameContent,
} from '../../functions/protocol/state.ts';
import type { SeededBug } from './bugs.ts';
import { fallback, touched } from './focus.ts';
import type { Kernel } from './scenario.ts';

type Judge = (phase: Phase, expired: bigint, looked: Looked) => boolean;

/** Reads each store once, ends where what was read is judged settled, and else converges from the start. */
function looking(judge: Judge): Pick<Kernel, 'converge'> {
  return {
    *converge(phase: Phase, expired: bigint): Steps<Converged> {
      const looked: { couchbase?: CouchbaseState; oracle?: OracleState } = {};
      for (const store of looksOf(phase))
        if (store === 'oracle') looked.oracle = yield* call('oracle.read', {});
        else looked.couchbase = yield* call('couchbase.read', {});
      return judge(phase, expired, looked) ? { kind: 'equal' } : yield* converge(phase, expired);
    },
  };
}

/** What the product does. */
export const LOOKING = looking(isSettled);

/** Judges something else than what was read of a key in both stores. */
const instead =
  (change: (held: CouchbaseState, row: OracleState) => Looked): Judge =>
  (phase, expired, looked) => {
    const { couchbase, oracle } = looked;
    const isBoth = couchbase !== undefined && oracle !== undefined;
    return isSettled(phase, expired, isBoth ? change(couchbase, oracle) : looked);
  };

const isLive = (held: CouchbaseState, row: OracleState) => held.content !== null && row.content !== null;

export const LOOK_BUGS: readonly SeededBug[] = [
  {
    name: 'look-content-only',
    what: 'a bulk look compares contents alone, and no versions',
    kernel: looking(
      instead((held, row) => {
        const isSame = isLive(held, row) && sameContent(held.content, row.content);
        return { couchbase: held, oracle: isSame ? { ...row, version: held.version } : row };
      }),
    ),
    focus: touched,
  },
  {
    name: 'look-version-only',
    what: 'a bulk look compares versions alone, and no contents',
    kernel: looking(
      instead((held, row) => {
        const isSame = isLive(held, row) && held.version === row.version;
        return { couchbase: held, oracle: isSame ? { ...row, content: held.content } : row };
      }),
    ),
    focus: fallback,
  },
  {
    name: 'look-marker-unseen',
    what: 'a bulk look takes the marker of a deletion for nothing at all',
    kernel: looking(
      instead((held, row) => ({ couchbase: held.content === null ? NO_DOCUMENT : held, oracle: row })),
    ),
  },
  {
    name: 'look-handoff-unseen',
    what: 'a bulk look does not ask which store orders the key',
    kernel: looking(instead((held, row) => ({ couchbase: held, oracle: { ...row, handoff: null } }))),
  },
  {
    name: 'look-gone-settled',
    what: 'a bulk look takes what Couchbase lacks for settled',
    kernel: looking(instead((held, row) => ({ couchbase: held, oracle: held.cas === 0n ? NO_ROW : row }))),
  },
];
