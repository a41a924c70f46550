/** What a store must have made safe before it acknowledges a mutation. */
import type { Witness } from './witness.ts';

/**
 * `majority`: most of the copies of the document in memory. `majorityAndPersistToActive`: and the active one on disk. `persistToMajority`:
 * most of them on disk. `none`: one node in memory, which forgets it where it fails over.
 */
export const DURABILITIES = ['majority', 'majorityAndPersistToActive', 'persistToMajority', 'none'] as const;
export type Durability = (typeof DURABILITIES)[number];

/** Milliseconds that the Couchbase driver (4.7.0) gives a durable write at the least, whatever time-out it is told. */
export const LEAST_TIME = 1500;

/** How the mutations of a collection are made. */
export interface Durable {
  readonly level: Durability;
  /**
   * Called where `level` is impossible for now, before the same mutation is made without durability, which it must not be where this
   * rejects: nobody would know of it. Null: the mutation is refused.
   */
  readonly fallBack: (() => Promise<void>) | null;
  /** Sees each mutation that was made. */
  readonly witness?: Witness;
}

export const MAJORITY: Durable = { level: 'majority', fallBack: null };
