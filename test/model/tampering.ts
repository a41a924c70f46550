/** Faults of the stores that a seeded bug turns on. */

/** What a switchable fault may change in the stores, so that a seeded bug never needs a second world. */
export interface Tampering {
  /** `oracle.apply` takes anything, newer or not. */
  readonly applyUnguarded?: boolean;
  /** `oracle.apply` does not look at the handback. */
  readonly handbackIgnored?: boolean;
  /** `oracle.apply` and `oracle.write` do not look at the handoff. */
  readonly handoffIgnored?: boolean;
  /** An xattr that a plain write left behind is believed. */
  readonly staleXattrTrusted?: boolean;
  /** Deletions leave no row in Oracle. */
  readonly noTombstones?: boolean;
  /** Content null leaves no marker in Couchbase. */
  readonly noMarkers?: boolean;
  /** An Oracle write does not set the handoff. */
  readonly handoffForgotten?: boolean;
  /** Oracle does not check the condition of a write. */
  readonly conditionIgnored?: boolean;
  /** `couchbase.swap` writes whatever the CAS is. */
  readonly swapUnguarded?: boolean;
  /** `oracle.swap` writes whatever the row holds. */
  readonly rowSwapUnguarded?: boolean;
  /** `oracle.swap` does not look at the expiry of what the row holds, nor whether its time is up. */
  readonly expirySwapped?: boolean;
  /** A deletion of what Oracle does not have leaves nothing there. */
  readonly nothingDeleted?: boolean;
  /** Whatever is gone from Couchbase counts as deleted there. */
  readonly goneBelieved?: boolean;
  /** What a store has forgotten is set aside nowhere. */
  readonly nothingKept?: boolean;
  /** Nobody is told which request wrote a document. */
  readonly requestForgotten?: boolean;
  /** A document that Oracle creates has version 1. */
  readonly createdAtOne?: boolean;
}
