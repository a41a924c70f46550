/** Seeded bugs of the rules for other hands in Couchbase: one of them forgotten. */
import type { Call, Steps } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import type { Content, CouchbaseState } from '../../functions/protocol/state.ts';
import { sameBody } from '../../functions/protocol/touched.ts';
import { above } from '../../functions/protocol/version.ts';
import { type Outcome, type Write, write } from '../../functions/protocol/write.ts';
import type { SeededBug } from './bugs.ts';
import { touched } from './focus.ts';
import { type Change, following, type Mistake } from './following.ts';
import type { Kernel } from './scenario.ts';

const focus = touched;

export const TOUCH_BUGS: readonly SeededBug[] = [
  {
    name: 'touch-lifted',
    what: 'a repair lifts what Oracle holds above what was only touched in Couchbase',
    kernel: everywhere((wanted, { held }) =>
      wanted.name === 'oracle.swap' && raises(wanted) && wanted.to.version === held.version
        ? { ...wanted, to: { ...wanted.from, version: above(held.version) } }
        : wanted,
    ),
    focus,
  },
  {
    name: 'given-expiry-refused',
    what: 'a repair lifts what Oracle holds above a copy that the bucket has given another expiry',
    kernel: everywhere((wanted) => {
      if (wanted.name !== 'oracle.swap' || !shortens(wanted)) return wanted;
      const { from, to } = wanted;
      return {
        ...wanted,
        to: { ...from, version: above(to.version), handoff: from.handoff ?? from.version },
      };
    }),
    focus,
  },
  {
    name: 'expiry-taken-blindly',
    what: 'a repair takes the expiry of whatever has the same body in Couchbase, and does not ask what was touched there',
    kernel: everywhere(
      (wanted) => wanted,
      (reply, seen, { name }) =>
        name === 'couchbase.read' ? naming(reply as CouchbaseState, () => seen.row.version) : reply,
    ),
    focus,
  },
  {
    name: 'expiry-overwritten',
    what: 'a repair writes back the row that it has read, though that was given an expiry since, or its time is up',
    tampering: { expirySwapped: true },
    focus,
  },
  {
    name: 'put-back-and-touched',
    what: 'a write is answered though what it was put over is back, and somebody has touched that',
    kernel: { write: answeringBlindly },
    focus,
  },
];

type Swap = Extract<Parameters<Change>[0], { name: 'oracle.swap' }>;

/** Whether a row that is handed off gets the version that Couchbase has. */
function raises({ from, to }: Swap): boolean {
  return from.handoff !== null && to.handoff !== null && to.version > from.version;
}

/** Whether a row gets another expiry in the same version. */
function shortens({ from, to }: Swap): boolean {
  const live = from.content !== null && to.content !== null;
  return live && from.version === to.version && from.content.digest !== to.content.digest;
}

/** What Couchbase holds, as if our attribute named this version. */
function naming(held: CouchbaseState, version: () => bigint): CouchbaseState {
  return {
    ...held,
    get attribute() {
      return version();
    },
  };
}

/** A write that finds in Couchbase what it was put over takes that for a later write of the same body. */
function* answeringBlindly(phase: Phase, request: Write): Steps<Outcome> {
  const steps = write(phase, request);
  let [held, over, written]: [Content, Content, bigint | null] = [null, null, null];
  let last: Call['name'] | null = null;
  let next = steps.next();
  while (!next.done) {
    const wanted = next.value;
    const reply = yield wanted;
    last = wanted.name;
    if (wanted.name === 'couchbase.read') held = (reply as CouchbaseState).content;
    if (wanted.name === 'couchbase.swap' && wanted.version === null && reply !== null)
      [over, written] = [held, reply as bigint];
    next = steps.next(reply);
  }
  const isBack = last === 'couchbase.read' && held !== null && over !== null && sameBody(held, over);
  const isAnswered = next.value.kind === 'unknown' && written !== null && isBack;
  return isAnswered ? { kind: 'done', version: written as bigint } : next.value;
}

function everywhere(change: Change, mistake?: Mistake): Partial<Kernel> {
  return {
    read: (phase) => following(read(phase), change, mistake),
    write: (phase, request) => following(write(phase, request), change, mistake),
    converge: (phase, expired) => following(converge(phase, expired), change, mistake),
  };
}
