/** Carry what Couchbase holds over to Oracle, and push what Oracle holds to Couchbase. */
import { CallFailed, call, type Steps } from './call.ts';
import { placehold } from './gap.ts';
import { keepUnknown } from './order_of_key.ts';
import {
  agree,
  type Content,
  type CouchbaseState,
  floorOf,
  isMortal,
  isNothing,
  isOutdated,
  isPlaceholder,
  type OracleState,
  sameContent,
  sameState,
} from './state.ts';
import { isShortened, sameBody, taking } from './touched.ts';
import { above, type Version } from './version.ts';

/** How often a guard may fail before a step gives up and leaves the key to its receipt. */
export const ATTEMPTS = 8;

/**
 * `carried`: Oracle holds the state, or one that Couchbase put after it. `handed off`: Oracle orders the key by itself.
 * `undone`: Couchbase has begun to order the key anew since, or has forgotten what came after the state; whether Oracle ever held it
 * cannot be told.
 */
export type Carried =
  | { readonly kind: 'carried' | 'undone' }
  | { readonly kind: 'handed off'; readonly row: OracleState };

const CARRIED: Carried = { kind: 'carried' };

/** A write that the caller has made in Couchbase just now. */
export interface Own {
  /** What it was put over, in `switch`. */
  readonly over: Content;
}

/**
 * Make Oracle hold `seen`, a document or a marker, or whatever Couchbase has put after it.
 * @param own null where it was only found there. A key that was given back at its very version may have been given back with the same from Oracle.
 */
export function* carry(seen: CouchbaseState, own: Own | null = null): Steps<Carried> {
  let state = seen;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const applied = yield* call('oracle.apply', { content: state.content, version: state.version });
    if (applied && state === seen) return CARRIED;
    const row = yield* call('oracle.read', {});
    if (row.handoff !== null) return { kind: 'handed off', row };
    if (row.handback > seen.version || (own !== null && row.handback === seen.version))
      return { kind: 'undone' };
    // An expiry that Couchbase has given comes to Oracle by a receipt.
    if (applied || sameState(row, state) || isShortened(state, row)) return CARRIED;
    if (floorOf(row) < state.version) continue;
    const current = yield* call('couchbase.read', {});
    if (current.cas !== state.cas && isOver(seen, row)) return { kind: 'undone' };
    if (isNothing(current)) return CARRIED;
    if (current.cas !== state.cas) {
      // What was carried has expired since, and a copy that was made for an absent document came after it.
      if (isOutdated(current, row)) return CARRIED;
      if (own !== null && isBackAgain(current, own.over, seen)) return { kind: 'undone' };
      state = current;
      continue;
    }
    // Its bucket has given it another expiry than was asked for, and a repair has brought that to Oracle.
    if (sameState(current, row)) return CARRIED;
    // Nobody has written over it, and Oracle holds something later: this is so for an outdated copy, too.
    yield* remind(current);
    return { kind: 'undone' };
  }
  throw new CallFailed(
    `Carrying a document to Oracle met ${ATTEMPTS} changes in a row; its receipt will settle it`,
  );
}

/**
 * Whether Couchbase has begun to order the key anew at this very version, and Oracle has never had it: 1. A repair in `seal` puts a placeholder, then a
 * marker with the placeholder's CAS for a version. 2. A repair in `switch` has seen the placeholder, and notes its CAS in `handback`. 3. Oracle takes that
 * marker no more, so the next repair puts back what the row holds. That was there before the marker, and whatever is written, touched or expires over it says
 * nothing of the marker either.
 */
function isOver({ version }: CouchbaseState, row: OracleState): boolean {
  return row.handback === version && row.version < version;
}

/**
 * Whether what was written over may be back, so that nobody can tell whether it was written again after it: 1. A repair in `settle` reads the row, and
 * nothing in Couchbase. 2. The key is given back, and a write puts a document with an expiry over it. 3. Its time comes before Oracle has it. 4. The repair
 * puts what it has read where nothing is. 5. Somebody touches that, and Oracle takes it for a write of now.
 */
function isBackAgain(current: CouchbaseState, over: Content, seen: CouchbaseState): boolean {
  return isMortal(seen) && over !== null && current.content !== null && sameBody(current.content, over);
}

/**
 * Oracle is ahead of what nobody has overwritten in Couchbase, and Couchbase orders the key. Its CAS only grow, so it has had the later
 * version, and has forgotten it in a failover. It gets that back. What it holds is kept: where its clock has fallen behind, that is
 * what was written last.
 */
export function* remind(held: CouchbaseState): Steps<void> {
  const { content, version, cas } = held;
  // The row may have been read long ago. What comes after this look takes another CAS first.
  const row = yield* call('oracle.read', {});
  if (row.handoff !== null || version > floorOf(row) || agree(held, row)) return;
  if (version === row.version) {
    // Two documents of one version, where Couchbase's clock is behind: 1. A write in `seal` gets a CAS below the row, and in its place a
    // version v above it, counted. 2. A write in `expand`, put over the first, has v as its CAS. What the row holds was written over, as
    // any other document is, so it is not set aside. The other way round cannot be: what is counted is above all that was read before.
    yield* call('couchbase.swap', { cas, content, version: above(floorOf(row)) });
    return;
  }
  if (!sameContent(content, row.content))
    yield* call('oracle.keep', { state: { content, version }, reason: 'couchbase forgot', by: row.content });
  // A marker goes by its receipt.
  if (row.content === null && !(yield* call('receipt.sent', {})))
    throw new CallFailed(
      'A deletion that Couchbase has forgotten leaves a marker, and its receipt could not be sent',
    );
  yield* call('couchbase.swap', { cas, content: row.content, version: row.version });
}

/**
 * Apply if newer, towards Couchbase: give it what Oracle's own write stored at `version`, unless overtaken.
 * @param final whether Oracle orders all keys. Else Couchbase may have ordered this one again, and what it put there may have
 * expired: then nothing in Couchbase tells that this copy comes too late, unless a placeholder was there all the time.
 */
export function* push(content: Content, written: Version, final: boolean): Steps<true> {
  let version = written;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = yield* call('couchbase.read', {});
    if (held.version < version) {
      if (!final && held.cas === 0n) {
        yield* placehold();
        continue;
      }
      if (!final && isPlaceholder(held)) {
        const row = yield* call('oracle.read', {});
        if (row.handoff === null || row.version !== version) return true;
      }
      if ((yield* call('couchbase.swap', { cas: held.cas, content, version })) !== null) return true;
      continue;
    }
    if (sameState(held, { content, version })) return true;
    const row = yield* call('oracle.read', {});
    // Overtaken, given back, or expired.
    if (row.handoff === null || !sameState(row, { content, version })) return true;
    const taken = taking(held, row);
    if (taken !== null) {
      // Couchbase has the copy. Where the row has changed since, it was overtaken.
      yield* taken;
      return true;
    }
    yield* keepUnknown(held, row);
    const next = above(held.version);
    if (!(yield* call('oracle.swap', { from: row, to: { ...row, version: next } }))) return true;
    version = next;
  }
  throw new CallFailed(
    `Pushing a document to Couchbase met ${ATTEMPTS} changes in a row; its receipt will settle it`,
  );
}
