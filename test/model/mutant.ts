/** Protocol steps with one rule forgotten. They live on the test side only: shipped code has no such switch. */
import { type Call, call, type Reply, type Steps } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { type Phase, ROUTES, type StoreName } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import {
  agree,
  type Content,
  type CouchbaseState,
  NO_ROW,
  type OracleState,
} from '../../functions/protocol/state.ts';
import { type Verdict, verify } from '../../functions/protocol/verify.ts';
import { NO_VERSION, type Version } from '../../functions/protocol/version.ts';
import { type Outcome, type Write, write } from '../../functions/protocol/write.ts';
import type { Kernel } from './scenario.ts';

/** A read in `seal` answers from Couchbase and leaves Oracle as it is. */
export const readWithoutCarry: Kernel['read'] = function* (phase) {
  return yield* lookIn(phase === 'seal' ? 'couchbase' : ROUTES[phase].flags.reads);
};

/** A read asks the store that is written first, whatever `reads` says. */
export const readFirstStore: Kernel['read'] = function* (phase) {
  return yield* lookIn(ROUTES[phase].first);
};

function* lookIn(store: StoreName): Steps<CouchbaseState | OracleState> {
  return store === 'oracle' ? yield* call('oracle.read', {}) : yield* call('couchbase.read', {});
}

/** Writes in `seal` and `switch` are acknowledged as in `expand`: a receipt may stand in for Oracle. */
export function unsealed(phase: Phase, request: Write): Steps<Outcome> {
  return write(phase === 'seal' || phase === 'switch' ? 'expand' : phase, request);
}

/** What became of a write whose outcome is unknown is made up. */
export function pretending(kind: 'done' | 'refused') {
  return function* (phase: Phase, request: Write): Steps<Outcome> {
    const outcome = yield* write(phase, request);
    if (outcome.kind !== 'unknown') return outcome;
    if (kind === 'done') return { kind, version: 1n };
    return request.condition.kind === 'none' ? outcome : { kind };
  };
}

/** A write whose outcome is unknown is made again. */
export function* retryingBlindly(phase: Phase, request: Write): Steps<Outcome> {
  const outcome = yield* write(phase, request);
  return outcome.kind === 'unknown' ? yield* write(phase, request) : outcome;
}

/** A condition is checked when the write begins, and not when it takes effect. */
export function* checkingOnce(phase: Phase, request: Write): Steps<Outcome> {
  if (request.condition.kind === 'none') return yield* write(phase, request);
  const state = yield* lookIn(ROUTES[phase].flags.reads);
  const { condition } = request;
  const holds = condition.kind === 'absent' ? state.content === null : state.version === condition.version;
  return holds ? yield* write(phase, { ...request, condition: { kind: 'none' } }) : { kind: 'refused' };
}

/** Nobody minds that what was found may have expired before it was carried. */
export function showingExpired(phase: Phase): Steps<ReturnOf<typeof read>> {
  return answering(read(phase), (reply, { name }) => {
    if (name !== 'couchbase.read') return reply;
    const held = reply as CouchbaseState;
    return held.content === null ? held : { ...held, content: { ...held.content, expiresAt: null } };
  });
}

/** Converge makes the authority like the follower. */
export function wrongWay(phase: Phase, expired: bigint): ReturnType<typeof converge> {
  return converge(ROUTES[phase].order === 'oracle' ? 'seal' : phase === 'legacy' ? phase : 'settle', expired);
}

/** No marker is ever recognised as the one that was seen a bake ago: each is sent round again. */
export function neverExpiring(phase: Phase): ReturnType<typeof converge> {
  return converge(phase, 0n);
}

/** Verification compares documents, and does not ask which store orders the key. */
export function* verifyContentOnly(phase: Phase): Steps<Verdict> {
  if (ROUTES[phase].second === null) return yield* verify(phase);
  const row = yield* call('oracle.read', {});
  return agree(yield* call('couchbase.read', {}), row) ? 'equal' : 'differs';
}

/** Verification shows as clean whatever it has found. */
export function* verifyNothing(phase: Phase): Steps<Verdict> {
  yield* verify(phase);
  return 'equal';
}

/** Oracle's answers never tell that a key was given back to Couchbase. */
export function forgettingHandback(phase: Phase, request: Write): Steps<Outcome> {
  return answering(write(phase, request), (reply) =>
    reply !== null && typeof reply === 'object' && 'handback' in reply ? { ...reply, handback: 0n } : reply,
  );
}

/** What Oracle has refused since Couchbase began the key anew at its very version counts as having come to Oracle. */
export const SHOWING_WHAT_IS_OVER: Partial<Kernel> = {
  read: (phase) => believingRefused(read(phase)),
  write: (phase, request) => believingRefused(write(phase, request)),
};

function* believingRefused<R>(steps: Steps<R>): Steps<R> {
  let applied = NO_VERSION;
  let next = steps.next();
  while (!next.done) {
    const wanted = next.value;
    const reply = yield wanted;
    const isRow = wanted.name === 'oracle.read' && applied !== NO_VERSION;
    const told = isRow ? withVersion(reply as OracleState, applied) : reply;
    applied = wanted.name === 'oracle.apply' ? wanted.version : NO_VERSION;
    next = steps.next(told);
  }
  return next.value;
}

function withVersion(row: OracleState, applied: Version): OracleState {
  return row.handback === applied && row.version < applied ? { ...row, version: applied } : row;
}

/** A deletion in seal or switch is made whether the queue has its receipt or not. */
export function deletingUnreceipted(phase: Phase, request: Write): Steps<Outcome> {
  const steps = write(phase, request);
  if (request.content !== null || ROUTES[phase].order !== 'sealed') return steps;
  return answering(steps, (reply, { name }) => (name === 'receipt.sent' ? true : reply));
}

/** Where Couchbase has lost a document, or seems to, the row is put there at once, and no placeholder first. */
export function puttingBack(phase: Phase, expired: bigint): ReturnType<typeof converge> {
  return withoutPlaceholders(converge(phase, expired), (row) => row);
}

/** What Oracle has ordered is put into Couchbase at once where there is nothing, and no placeholder first. */
export function pushingBlindly(phase: Phase, request: Write): Steps<Outcome> {
  const { content } = request;
  return withoutPlaceholders(write(phase, request), (_, written) => ({ content, version: written }));
}

function* withoutPlaceholders<R>(
  steps: Steps<R>,
  instead: (row: OracleState, written: Version) => { content: Content; version: Version },
): Steps<R> {
  let [row, written]: [OracleState, Version] = [NO_ROW, NO_VERSION];
  let next = steps.next();
  while (!next.done) {
    const wanted = next.value;
    const placeholder = wanted.name === 'couchbase.swap' && wanted.version === NO_VERSION;
    const reply = yield placeholder ? { ...wanted, ...instead(row, written) } : wanted;
    if (wanted.name === 'oracle.read') row = reply as OracleState;
    if (wanted.name === 'oracle.write' && reply !== null) written = reply as Version;
    next = steps.next(reply);
  }
  return next.value;
}

/** Versions of writes through Couchbase are counted up from what was seen, and are not its CAS. */
export function* countingVersions(phase: Phase, request: Write): Steps<Outcome> {
  const steps = write(phase, request);
  let seen = 0n;
  let next = steps.next();
  while (!next.done) {
    const wanted = next.value;
    const plain = wanted.name === 'couchbase.swap' && wanted.version === null && phase !== 'legacy';
    const reply: Reply = yield plain ? { ...wanted, version: seen + 1n } : wanted;
    if (reply !== null && typeof reply === 'object' && reply.version > seen) seen = reply.version;
    next = steps.next(plain && reply !== null ? seen + 1n : reply);
  }
  return next.value;
}

type ReturnOf<F extends (...args: never[]) => Generator> =
  ReturnType<F> extends Generator<unknown, infer R> ? R : never;

/** The same step, with every reply passed through `change`. */
function* answering<R>(steps: Steps<R>, change: (reply: Reply, call: Call) => Reply): Steps<R> {
  let next = steps.next();
  while (!next.done) next = steps.next(change(yield next.value, next.value));
  return next.value;
}
