/** Protocol steps with one rule forgotten of those that a store needs which has forgotten what it had acknowledged. */
import type { Call, Reply, Steps } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { read } from '../../functions/protocol/read.ts';
import {
  type CouchbaseState,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
  sameState,
} from '../../functions/protocol/state.ts';
import { above } from '../../functions/protocol/version.ts';
import { write } from '../../functions/protocol/write.ts';
import type { Kernel } from './scenario.ts';

/** What the step has read last. */
interface Seen {
  held: CouchbaseState;
  row: OracleState;
  /** The call before was a look at Couchbase. */
  looked: boolean;
}

/** A repair lifts what Couchbase holds above what Oracle holds, though it be the older one. */
export const LIFTING: Partial<Kernel> = everywhere((wanted, { held, row }) => {
  if (wanted.name !== 'couchbase.swap' || wanted.cas !== held.cas || wanted.version !== row.version)
    return wanted;
  const older = row.handoff === null && held.version !== 0n && held.version < row.version;
  return older ? { ...wanted, content: held.content, version: above(row.version) } : wanted;
});

/** A repair gives Couchbase back what Oracle held when it began. */
export const REMINDING_LATE: Partial<Kernel> = {
  converge: (phase, expired) =>
    following(converge(phase, expired), (wanted, { looked, row }) =>
      looked && wanted.name === 'oracle.read' && row.handoff === null && phase !== 'settle'
        ? { reply: row }
        : wanted,
    ),
};

/** A key is given back whatever Oracle has counted to. */
export const HANDING_BACK_EARLY: Partial<Kernel> = everywhere((wanted, { held, row }) => {
  if (wanted.name !== 'couchbase.swap' || wanted.cas !== held.cas || row.handoff === null) return wanted;
  if (held.cas > row.version || !sameState(held, row)) return wanted;
  return { name: 'oracle.swap', from: row, to: { ...row, handoff: null, handback: held.cas } };
});

type Change = (wanted: Call, seen: Seen) => Call | { readonly reply: Reply };

function everywhere(change: Change): Partial<Kernel> {
  return {
    read: (phase) => following(read(phase), change),
    write: (phase, request) => following(write(phase, request), change),
    converge: (phase, expired) => following(converge(phase, expired), change),
  };
}

/** The same step, with every call passed through `change`, which may answer it by itself. */
function* following<R>(steps: Steps<R>, change: Change): Steps<R> {
  const seen: Seen = { held: NO_DOCUMENT, row: NO_ROW, looked: false };
  let next = steps.next();
  while (!next.done) {
    const wanted = change(next.value, seen);
    const reply: Reply = 'reply' in wanted ? wanted.reply : yield wanted;
    if (next.value.name === 'oracle.read') seen.row = reply as OracleState;
    seen.looked = next.value.name === 'couchbase.read';
    if (seen.looked) seen.held = reply as CouchbaseState;
    next = steps.next(reply);
  }
  return next.value;
}
