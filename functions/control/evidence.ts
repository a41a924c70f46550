/** What a move is decided on: measured by others, about one moment. */
import type { Phase } from '../protocol/phase.ts';

/** A run over all keys that has ended. */
export interface RunEvidence {
  readonly id: string;
  readonly phase: Phase;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly finished: number;
  readonly clean: boolean;
}

export interface CollectionEvidence {
  readonly name: string;
  /** The last of each kind; of verifications, of those that compared versions or more. */
  readonly backfill: RunEvidence | null;
  readonly copyback: RunEvidence | null;
  readonly verification: RunEvidence | null;
}

/** Of one collection. Where there is any, both stores have answered, and its table is there. */
export interface Evidence {
  /** Of all collections: a queue does not tell whose they are. */
  readonly receipts: {
    /** On their delayed way. */
    readonly delayed: number;
    /** To be handled now. */
    readonly due: number;
    /** Being handled, or hidden until they are delivered again. */
    readonly hidden: number;
    /** Of this collection: have been delivered, and wait for a store. */
    readonly waiting: number;
    /** When the oldest of those was sent, in milliseconds since the epoch; null for none. */
    readonly since: number | null;
  };
  /** Of this collection, or of no known document; and messages that no letter tells of yet. */
  readonly deadLetters: number;
  /** Those messages alone: they may be about any collection. */
  readonly unread: number;
  readonly collection: CollectionEvidence;
}

/** A store does not answer, or lacks what it should have: there is nothing to decide on. */
export interface Missing {
  readonly missing: string;
}
