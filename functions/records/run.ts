/** What a run is, and a shard of it: as runs, gates and operators see them, and as the ledger keeps them. */
import type { Phase } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';

/** What a verification looks at: that the keys are there, their versions too, or all that they hold. */
export const MODES = ['count', 'version', 'content'] as const;
export type Mode = (typeof MODES)[number];

export const RUN_KINDS = ['backfill', 'copyback', 'verify'] as const;
export type Kind = (typeof RUN_KINDS)[number];

/** What the workers of a run have to know. */
export interface Options {
  readonly back?: 'changed' | 'all';
  readonly mode?: Mode;
  readonly repair?: boolean;
  /** Where the run is not about all keys. */
  readonly range?: Shard;
}

export interface Run {
  readonly id: string;
  readonly kind: Kind;
  readonly collection: string;
  readonly options: Options;
  /** Hash of what the run is made with: another stamp is another run. */
  readonly stamp: string;
  /** In which it was begun. */
  readonly phase: Phase;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

export type Outcome = 'clean' | 'failures' | 'stopped';

/** Markers of deletions, and placeholders, that lay in Couchbase when a verification first looked at their keys. */
export interface Markers {
  readonly count: number;
  /** When the oldest of them was written, in milliseconds since the epoch, by the clock of Couchbase; null where there was none. */
  readonly oldest: number | null;
}

/** Keys that a run has listed and passed over, in either store, since the collection does not take them. */
export interface Passed {
  /** They match a pattern of `keys.ignore`. */
  readonly ignored: number;
  /** They match none of `keys.include`. */
  readonly elsewhere: number;
}

export interface Ended extends Run {
  readonly finished: number;
  readonly outcome: Outcome;
  /** Of a verification. Missing where nobody has counted them: those of mode `count`, and those of functions of the version before. */
  readonly markers?: Markers;
  /** Missing where functions of the version before have begun the run: they take every key. */
  readonly passed?: Passed;
}

export interface Counts {
  /** Keys that were listed; the sum of the others. */
  readonly listed: number;
  /** Copied; of a verification, looked at and found equal. */
  readonly applied: number;
  /** There as new already; of a verification, found equal by the lists of both stores, without a look at the document. */
  readonly stale: number;
  /** Deleted since they were listed. */
  readonly gone: number;
  /** Set aside; of a verification, found different at the first look. */
  readonly failed: number;
  /** Of the bodies that were applied, or compared. */
  readonly bytes: number;
}

export interface ShardRow extends Shard, Counts {
  readonly shard: number;
  /** The last key that is done; null before the first. */
  readonly doneKey: string | null;
  readonly state: 'open' | 'done';
  /** Milliseconds since the epoch. */
  readonly changed: number;
}

/** What the shards of a run add up to. */
export interface Totals extends Counts {
  readonly shards: number;
  /** Those that are done. */
  readonly done: number;
  /** When one of them was last taken or moved on, in milliseconds since the epoch; 0 where there is none. */
  readonly changed: number;
  /** Null where functions of the version before have begun the run: they do not count them. */
  readonly markers: Markers | null;
  /** Null where functions of the version before have begun the run. */
  readonly passed: Passed | null;
}

/** A piece of a run, as one worker holds it: whoever takes it over later has a higher epoch, and this one can do no more. */
export interface Hold {
  readonly run: string;
  readonly shard: number;
  readonly epoch: number;
}

/** Somebody else holds the shard now. Nothing of what was tried has happened. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor({ run, shard }: Hold) {
    super(`Shard ${shard} of the run ${run} is held by another worker now; this one stops`);
  }
}

/** A run whose findings stand, but for those of keys that later runs have looked at. */
export interface StandingRun {
  readonly run: string;
  readonly except: readonly Shard[];
}
