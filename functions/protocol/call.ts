/**
 * The store port. A protocol step is a generator that yields calls and is sent their replies, so the same code
 * runs under the model checker, in simulation and, through `perform`, against real drivers.
 */
import type { Condition } from './condition.ts';
import type { Content, CouchbaseState, OracleState, Reason } from './state.ts';
import type { Version } from './version.ts';

/** Every call is atomic in its store, or throws `CallFailed`: then it may have been applied, now or a little later. */
export interface Calls {
  /** Content, effective version and CAS in one look. */
  'couchbase.read': { args: Record<never, never>; reply: CouchbaseState };
  /** Plain write, whatever is there; replies with the new CAS. */
  'couchbase.upsert': { args: { content: Content & object }; reply: bigint };
  /** Plain removal; replies with the CAS of the removal, or null where nothing was stored. */
  'couchbase.remove': { args: Record<never, never>; reply: bigint | null };
  /**
   * Write if the CAS is still `cas` (0: still absent). With a version the xattr records it; without one the new
   * CAS is the version. Content null leaves a marker. Replies with the new CAS, or null where the guard failed.
   */
  'couchbase.swap': {
    args: { cas: bigint; content: Content; version: Version | null };
    reply: bigint | null;
  };
  /** Remove for good if the CAS is still `cas`; replies with the CAS of the removal, or null. */
  'couchbase.erase': { args: { cas: bigint }; reply: bigint | null };
  /**
   * CAS of the deletion or expiry that has removed the document; 0 where Couchbase remembers none: it keeps a tombstone for days. Null
   * where it has a document or a marker, which takes the place of the tombstone.
   */
  'couchbase.gone': { args: Record<never, never>; reply: Version | null };
  'oracle.read': { args: Record<never, never>; reply: OracleState };
  /** Apply if newer: take the content if its version is above the row's, and its handback, and the row is not handed off. */
  'oracle.apply': { args: { content: Content; version: Version }; reply: boolean };
  /**
   * Authority write: version + 1, and hand the row off, if the condition holds (and, with `handedOff`, if the row
   * already is). The deletion of nothing leaves a tombstone too, unless the row is one that is handed off: nothing that Couchbase may
   * still hold comes to Oracle after it. Replies with the new version, or null where nothing was written.
   */
  'oracle.write': {
    args: { content: Content; condition: Condition; handedOff: boolean };
    reply: Version | null;
  };
  /**
   * Replace the row if version, handoff and handback are still those of `from` (version 0: still no row), and the document of `from`, if it has
   * one, is still there and has the same expiry. With `aside` the store keeps what the row held, in the same transaction, where operators
   * can list and export it.
   */
  'oracle.swap': { args: { from: OracleState; to: OracleState; aside?: Reason | undefined }; reply: boolean };
  /**
   * Keep a state that is about to be replaced, where operators can list and export it. The same state is kept once. `by`: the content
   * that replaces it.
   */
  'oracle.keep': {
    args: { state: { content: Content; version: Version }; reason: Reason; by: Content };
    reply: null;
  };
  /** Start sending a receipt for this key; replies at once. */
  'receipt.send': { args: Record<never, never>; reply: null };
  /** Wait for that receipt; replies whether the queue has it. */
  'receipt.sent': { args: Record<never, never>; reply: boolean };
}

export type CallName = keyof Calls;
export type Call = { [N in CallName]: { readonly name: N } & Readonly<Calls[N]['args']> }[CallName];
export type Reply = Calls[CallName]['reply'];

/** A protocol step: yields calls, returns its result. */
export type Steps<R> = Generator<Call, R, Reply>;

/** A store call without a clear answer. What it was to do may have happened, or may still happen. */
export class CallFailed extends Error {
  override readonly name: string = 'CallFailed';
}

/** Yield one call and type its reply. */
export function* call<N extends CallName>(
  name: N,
  args: Calls[N]['args'],
): Generator<Call, Calls[N]['reply'], Reply> {
  return (yield { name, ...args } as Call) as Calls[N]['reply'];
}

/** Run a step against a port that performs calls. */
export async function perform<R>(steps: Steps<R>, port: (call: Call) => Promise<Reply>): Promise<R> {
  let next = steps.next();
  while (!next.done) {
    let reply: Reply;
    try {
      reply = await port(next.value);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(reply);
  }
  return next.value;
}
