/** A protocol step whose calls a seeded bug may change, or answer by itself. */
import type { Call, Reply, Steps } from '../../functions/protocol/call.ts';
import {
  type CouchbaseState,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
} from '../../functions/protocol/state.ts';

/** What the step has read last. */
interface Seen {
  held: CouchbaseState;
  row: OracleState;
  /** The call before. */
  last: Call['name'] | null;
}

export type Change = (wanted: Call, seen: Seen) => Call | { readonly reply: Reply };

/** What the step takes a reply for, of a call that it has asked for. */
export type Mistake = (reply: Reply, seen: Seen, asked: Call) => Reply;

/** The same step, with every call passed through `change`, which may answer it by itself, and every reply through `mistake`. */
export function* following<R>(
  steps: Steps<R>,
  change: Change,
  mistake: Mistake = (reply) => reply,
): Steps<R> {
  const seen: Seen = { held: NO_DOCUMENT, row: NO_ROW, last: null };
  let next = steps.next();
  while (!next.done) {
    const wanted = change(next.value, seen);
    const reply: Reply = 'reply' in wanted ? wanted.reply : yield wanted;
    if (next.value.name === 'oracle.read') seen.row = reply as OracleState;
    seen.last = next.value.name;
    if (seen.last === 'couchbase.read') seen.held = reply as CouchbaseState;
    next = steps.next(mistake(reply, seen, next.value));
  }
  return next.value;
}
