/** The write of a document, or with content null its deletion, in every phase. */

import { CallFailed, call, type Steps } from './call.ts';
import { ATTEMPTS, carry, push } from './carry.ts';
import { type Condition, holds } from './condition.ts';
import { type Phase, ROUTES } from './phase.ts';
import type { Content, CouchbaseState } from './state.ts';
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
        return yield* sealed(request);
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
 * Couchbase orders, and nothing is answered before Oracle holds it: either store may be read. Where the row turns
 * out to be handed off, Oracle orders this key already and the write goes through Oracle.
 */
function* sealed(request: Write): Steps<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = yield* call('couchbase.read', {});
    const outcome = held.cas === 0n ? yield* sealedInsert(request) : yield* sealedReplace(request, held);
    if (outcome !== 'again') return outcome;
  }
  throw new CallFailed(`A write met ${ATTEMPTS} other writes in a row`);
}

function* sealedInsert(request: Write): Steps<Outcome | 'again'> {
  const row = yield* call('oracle.read', {});
  if (row.handoff !== null) return yield* handedOff(request);
  if (request.condition.kind === 'version') return REFUSED;
  if (request.content === null) return done(row.version);
  const version = above(row.version);
  const cas = yield* call('couchbase.swap', { cas: 0n, content: request.content, version });
  return cas === null ? 'again' : yield* seal(request, { content: request.content, version, cas });
}

function* sealedReplace(request: Write, held: CouchbaseState): Steps<Outcome | 'again'> {
  const refused = !holds(request.condition, held);
  if (refused || (request.content === null && held.content === null)) {
    // The answer tells what was seen, so Oracle must have it first: a later read there must not go back in time.
    if ((yield* carry(held)) !== 'carried') return yield* handedOff(request);
    return refused ? REFUSED : done(held.version);
  }
  const version = above(held.version);
  const cas = yield* call('couchbase.swap', { cas: held.cas, content: request.content, version });
  return cas === null ? 'again' : yield* seal(request, { content: request.content, version, cas });
}

function* seal(request: Write, written: CouchbaseState): Steps<Outcome | 'again'> {
  const carried = yield* carry(written);
  if (carried === 'carried') return done(written.version);
  // Handed off meanwhile. The row remembers the last version that Couchbase ordered: ours is under it or was never seen.
  if (carried.reversioned || carried.row.handoff === null) return UNKNOWN;
  return carried.row.handoff >= written.version ? done(written.version) : yield* handedOff(request);
}

function* handedOff(request: Write): Steps<Outcome | 'again'> {
  const written = yield* ownWrite(request, true);
  if (written === 'again' || written === 'refused') return written === 'again' ? written : REFUSED;
  if (written.changed) yield* push(request.content, written.version);
  return done(written.version);
}

/** Oracle decides; Couchbase, while it is kept, may lag behind for as long as a receipt remembers the key. */
function* oracleFirst(request: Write, dual: boolean): Steps<Outcome> {
  const written = yield* ownWrite(request, false);
  if (written === 'refused') return REFUSED;
  if (written === 'again') return UNKNOWN;
  if (!dual || !written.changed) return done(written.version);
  const pushed = yield* attempt(push(request.content, written.version));
  return pushed || (yield* call('receipt.sent', {})) ? done(written.version) : UNKNOWN;
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
