/** The write of a document, or with content null its deletion, in every phase. */

import { CallFailed, call, type Steps } from './call.ts';
import { ATTEMPTS, carry, type Own, push } from './carry.ts';
import { type Condition, holds } from './condition.ts';
import { fillGap, isGap, saysNothing } from './gap.ts';
import { giveBack } from './order_of_key.ts';
import { type Phase, ROUTES } from './phase.ts';
import {
  agree,
  type Content,
  type CouchbaseState,
  floorOf,
  isCopy,
  isMortal,
  isNothing,
  isSpent,
  type OracleState,
} from './state.ts';
import { isShortened } from './touched.ts';
import { above, type Version } from './version.ts';

/** `done`: it took effect. `refused`: its condition did not hold. `unknown`: it may, or may yet, take effect. */
export type Outcome =
  | { readonly kind: 'done'; readonly version: Version }
  | { readonly kind: 'refused' | 'unknown' };

export interface Write {
  readonly content: Content;
  readonly condition: Condition;
}

const REFUSED: Outcome = { kind: 'refused' };
const UNKNOWN: Outcome = { kind: 'unknown' };
const done = (version: Version): Outcome => ({ kind: 'done', version });

/** Write once, as `phase` says. Never throws for a store's failure: that is the outcome `unknown`. */
export function* write(phase: Phase, request: Write): Steps<Outcome> {
  const route = ROUTES[phase];
  if (route.second !== null) yield* call('receipt.send', {});
  try {
    switch (route.order) {
      case 'couchbase':
        return yield* couchbaseFirst(request, route.second !== null);
      case 'sealed':
        return yield* sealed(phase, request);
      case 'oracle':
        return yield* oracleFirst(request, route.second !== null);
    }
  } catch (error) {
    if (error instanceof CallFailed) return UNKNOWN;
    throw error;
  }
}

/** Couchbase decides; Oracle, if it is written at all, may lag behind for as long as a receipt remembers the key. */
function* couchbaseFirst(request: Write, dual: boolean): Steps<Outcome> {
  const written = yield* plainWrite(request);
  if (written === 'refused') return REFUSED;
  if (!dual || written === 'absent') return done(written === 'absent' ? 0n : written);
  const applied = yield* attempt(call('oracle.apply', { content: request.content, version: written }));
  return applied || (yield* call('receipt.sent', {})) ? done(written) : UNKNOWN;
}

function* plainWrite({ content, condition }: Write): Steps<Version | 'refused' | 'absent'> {
  if (condition.kind === 'none') {
    if (content !== null) return yield* call('couchbase.upsert', { content });
    const removed = yield* call('couchbase.remove', {});
    return removed ?? 'absent';
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = yield* call('couchbase.read', {});
    if (!holds(condition, held)) return 'refused';
    if (content === null && held.content === null) return 'absent';
    const cas =
      content === null
        ? yield* call('couchbase.erase', { cas: held.cas })
        : yield* call('couchbase.swap', { cas: held.cas, content, version: null });
    if (cas !== null) return cas;
  }
  throw new CallFailed(`A conditional write met ${ATTEMPTS} other writes in a row`);
}

/**
 * Couchbase orders, and nothing is answered before Oracle holds it: either store may be read. A key that Oracle
 * orders already, by what its row says, is written through Oracle.
 */
function* sealed(phase: Phase, request: Write): Steps<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // The row first: a key that it hands off needs no look at Couchbase.
    const row = yield* call('oracle.read', {});
    // A deletion leaves a marker, which only its receipt removes, and on the way back to `legacy` nobody looks for it.
    if (request.content === null && !(yield* call('receipt.sent', {}))) return UNKNOWN;
    const outcome =
      row.handoff === null ? yield* sealedWrite(phase, request, row) : yield* handedOffWrite(phase, request);
    if (outcome !== 'again') return outcome;
  }
  throw new CallFailed(`A write met ${ATTEMPTS} other writes in a row`);
}

/**
 * In `switch`, which runs beside `settle`, the write goes through Oracle. In `seal`, where only a forced move leaves such a key, it is
 * given back first: `expand`, which may follow, reads Couchbase alone, and would miss a write that is in Oracle alone.
 */
function* handedOffWrite(phase: Phase, request: Write): Steps<Outcome | 'again'> {
  if (phase !== 'seal') return yield* oracleOrdered(request, 'handed off');
  const held = yield* call('couchbase.read', {});
  yield* giveBack(held, yield* call('oracle.read', {}));
  return 'again';
}

function* sealedWrite(phase: Phase, request: Write, seen: OracleState): Steps<Outcome | 'again'> {
  const found = yield* call('couchbase.read', {});
  // A copy may be younger than our look at the row, and older than the row.
  const row = isCopy(found) ? yield* call('oracle.read', {}) : seen;
  if (row.handoff !== null) return 'again';
  if (isGap(phase, found, row)) {
    yield* fillGap(phase, found, row);
    return 'again';
  }
  const spent = isSpent(found, row);
  const held = saysNothing(phase, found, row) || spent ? { ...row, cas: found.cas } : found;
  const answer = answerWithoutWriting(request, held, spent);
  const inOracle = held.cas === 0n || agree(held, row) || isShortened(held, row);
  const floor = floorOf(row);
  const behind = held.version <= floor;
  if (!inOracle && (answer !== null || behind)) {
    // An answer tells what was seen, so Oracle must have it first: a later read there must not go back in time.
    // And where Oracle claims to be ahead, the versions ran apart, and an ETag could name two documents.
    const carried = yield* carry(held);
    // What may have expired by now is looked at again, as in a read.
    return carried.kind === 'carried' && !behind && answer !== null && !isMortal(held) ? answer : 'again';
  }
  if (answer !== null) return isNothing(found) ? yield* confirmed(answer, row) : answer;
  const { content } = request;
  const cas = yield* call('couchbase.swap', { cas: held.cas, content, version: null });
  if (cas === null) return 'again';
  const own: Own = { over: phase === 'switch' ? held.content : null };
  if (cas > floor && cas > held.version) return yield* seal(request, { content, version: cas, cas }, own);
  // Couchbase's clock has fallen behind the versions in use: its CAS cannot be one.
  const version = above(floor, held.version);
  const raised = yield* call('couchbase.swap', { cas, content, version });
  return raised === null ? UNKNOWN : yield* seal(request, { content, version, cas: raised }, own);
}

/**
 * 1. The row is read, and tells of nothing. 2. A document is written in both stores. 3. Another one is put over it, and its time comes before
 * Oracle has it. 4. Nothing is found in Couchbase. Oracle still shows the first document, so that there is nothing is no answer.
 */
function* confirmed(answer: Outcome, row: OracleState): Steps<Outcome | 'again'> {
  return (yield* call('oracle.read', {})).version === row.version ? answer : 'again';
}

/**
 * The answer where there is nothing to write: a condition that does not hold, or nothing left to delete.
 * @param spent whether Couchbase still has a document whose time is up in Oracle: `expand` would show it after its deletion.
 */
function answerWithoutWriting(
  { content, condition }: Write,
  held: CouchbaseState,
  spent: boolean,
): Outcome | null {
  if (!holds(condition, held)) return REFUSED;
  return content === null && held.content === null && !spent ? done(held.version) : null;
}

/** Couchbase has it; nothing is answered before Oracle has it too, or has been found to order the key by itself. */
function* seal(request: Write, written: CouchbaseState, own: Own): Steps<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const carried = yield* carry(written, own);
    if (carried.kind === 'carried') return done(written.version);
    if (carried.kind !== 'handed off') return UNKNOWN;
    const { handoff, handback } = carried.row;
    // The row remembers the span of versions that Couchbase ordered: ours was in it, was never seen, or is too old to tell.
    if (handback >= written.version) return UNKNOWN;
    if (handoff !== null && handoff >= written.version) return done(written.version);
    const outcome = yield* oracleOrdered(request, 'handed off');
    if (outcome !== 'again') return outcome;
  }
  throw new CallFailed(`A write met ${ATTEMPTS} changes of order in a row`);
}

/**
 * Oracle decides; Couchbase, while it is kept, may lag behind for as long as a receipt remembers the key.
 * @param only `handed off`: write only if the row says that Oracle orders the key, else `again`.
 */
function* oracleOrdered(request: Write, only: 'handed off' | 'any', dual = true): Steps<Outcome | 'again'> {
  const written = yield* ownWrite(request, only === 'handed off');
  if (written === 'refused') return REFUSED;
  if (written === 'again') return written;
  if (!dual || !written.changed) return done(written.version);
  const pushed = yield* attempt(push(request.content, written.version, only === 'any'));
  return pushed || (yield* call('receipt.sent', {})) ? done(written.version) : UNKNOWN;
}

function* oracleFirst(request: Write, dual: boolean): Steps<Outcome> {
  const outcome = yield* oracleOrdered(request, 'any', dual);
  return outcome === 'again' ? UNKNOWN : outcome;
}

function* ownWrite(
  { content, condition }: Write,
  handedOff: boolean,
): Steps<{ version: Version; changed: boolean } | 'refused' | 'again'> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const version = yield* call('oracle.write', { content, condition, handedOff });
    if (version !== null) return { version, changed: true };
    const row = yield* call('oracle.read', {});
    if (handedOff && row.handoff === null) return 'again';
    if (!holds(condition, row)) return 'refused';
    if (content === null && row.content === null) return { version: row.version, changed: false };
  }
  throw new CallFailed(`A write in Oracle met ${ATTEMPTS} other writes in a row`);
}

/** Whether a follower's step came through; that it did not is no reason to fail the write. */
function* attempt(steps: Steps<boolean>): Steps<boolean> {
  try {
    return yield* steps;
  } catch (error) {
    if (error instanceof CallFailed) return false;
    throw error;
  }
}
