/** Times of the configuration that comes with Crossfade, and what a seeded bug changes. */

/** Milliseconds. */
export const [LEASE, REFRESH, REQUEST, TURN] = [30_000, 5000, 20_000, 300_000];
export const BAKE = LEASE + REQUEST;
/** For how long a delivered message is hidden, and after which silence a worker counts as dead. */
export const [HIDDEN, SILENCE] = [6 * REQUEST, 25_000];
/** What a request must leave of its time when it begins its last call. */
export const LAST_CALL = 5500;

/** What a seeded bug breaks outside of the stores. */
export interface Rules {
  /** The queue acknowledges receipts, and loses them. */
  readonly dropReceipts?: boolean;
  /** A receipt that has to wait counts as settled. */
  readonly forgetful?: boolean;
  /** A receipt that has to wait is never delivered again. */
  readonly givesUp?: boolean;
  /** The controller waits for no bake. */
  readonly noBake?: boolean;
  /** The controller takes everything for proven. */
  readonly noGate?: boolean;
  /** Whatever was verified counts as clean. */
  readonly verifyNothing?: boolean;
  /** Runs of another phase count as well. */
  readonly staleEvidence?: boolean;
  /** A copy-back copies nothing, and is clean. */
  readonly noCopyBack?: boolean;
  /** A backfill copies nothing, and is clean. */
  readonly noBackfill?: boolean;
  /** A worker writes down how far it is before it has done it. */
  readonly checkpointFirst?: boolean;
  /** A container obeys the phase that it has read first, for ever. */
  readonly noLease?: boolean;
  /** A container counts the age of a phase by a clock that stands still while it is frozen. */
  readonly frozenClock?: boolean;
  /** What nobody can tell is told as done, or as nothing done. */
  readonly pretends?: 'done' | 'nothing';
  /** A request that nobody could tell the outcome of is made again, whatever its condition was. */
  readonly blindRetry?: boolean;
  /** Workers of runs do not look at the phase, or look once only. */
  readonly looks?: 'never' | 'once';
  /** Controllers count bakes by clocks of their own, from what a publisher's clock said. */
  readonly ownClock?: boolean;
  /** In `expand` a key that a forced move has left handed off follows Oracle. */
  readonly followsOracle?: boolean;
  /** A repair lifts what survived a failover of Couchbase above what Oracle holds. */
  readonly lifts?: boolean;
  /** A repair lifts what Oracle holds above what was only touched in Couchbase. */
  readonly liftsTouched?: boolean;
  /** A repair lifts what Oracle holds above a copy that the bucket has given another expiry. */
  readonly refusesGiven?: boolean;
  /** A repair takes the expiry of whatever has the same body in Couchbase. */
  readonly takesBlindly?: boolean;
  /** No bug: verifications by version compare the lists of both stores, and look at few documents. Otherwise each verification compares contents. */
  readonly lists?: boolean;
  /** Requests go on for as long as they like. */
  readonly endless?: boolean;
}
