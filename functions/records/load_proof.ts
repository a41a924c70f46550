/**
 * The proof that Oracle bears the load of reads before it has to: a share of them is asked of it, too, more of them step by step. What was measured is kept a
 * minute at a time.
 */
import * as v from 'valibot';
import type { Phase } from '../protocol/phase.ts';
import { addedUp, type Latencies, NO_LATENCIES } from './histogram.ts';

/** Of all reads, so many percent, for so many minutes. */
export interface Step {
  readonly percent: number;
  readonly minutes: number;
}

/** The steps of one collection in their order. The last one lasts on; its minutes are those that a gate looks at. */
export type Ramp = readonly Step[];

/** What calls have come to. */
export interface Calls {
  readonly latencies: Latencies;
  /** Those that were not answered, or not in time: no latency counts them. */
  readonly failed: number;
}

export interface Figures {
  /** Reads, as the API has measured them. */
  readonly couchbase: Calls;
  /** Reads: of the function that proves in `expand`, of the API itself in `seal`. */
  readonly oracle: Calls;
  /** The part of dual writes that Oracle has, in `expand`. */
  readonly writes: Calls;
  /** Reads that were chosen, and were not asked of Oracle at once. */
  readonly skipped: number;
  /** Reads of documents that Oracle has not, as before a backfill: how fast it says so proves nothing. */
  readonly absent: number;
  /** Reads that were found to differ by two looks, a bake apart. */
  readonly differences: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const CALLS = v.object({
  latencies: v.record(v.pipe(v.string(), v.regex(/^[1-7]?\d$/)), count),
  failed: count,
});

/** As messages and rows have them. Members that are added later are passed over: functions of two versions read what either writes. */
export const FIGURES = v.object({
  ...{ couchbase: CALLS, oracle: CALLS, writes: CALLS },
  ...{ skipped: count, absent: count, differences: count },
});

/** What one container has measured in one minute. */
export interface ProofRow {
  /** When the minute began, in milliseconds since the epoch. */
  readonly minute: number;
  readonly phase: Phase;
  /** The share of reads then; 0 for what belongs to no step. */
  readonly percent: number;
  readonly figures: Figures;
}

export const NO_CALLS: Calls = { latencies: NO_LATENCIES, failed: 0 };
export const NO_FIGURES: Figures = {
  ...{ couchbase: NO_CALLS, oracle: NO_CALLS, writes: NO_CALLS },
  ...{ skipped: 0, absent: 0, differences: 0 },
};

export const MINUTE = 60_000;

export function summed(one: Figures, other: Figures): Figures {
  const both = (of: (figures: Figures) => Calls): Calls => ({
    latencies: addedUp(of(one).latencies, of(other).latencies),
    failed: of(one).failed + of(other).failed,
  });
  return {
    ...{ couchbase: both((each) => each.couchbase), oracle: both((each) => each.oracle) },
    writes: both((each) => each.writes),
    skipped: one.skipped + other.skipped,
    absent: one.absent + other.absent,
    differences: one.differences + other.differences,
  };
}

/** Whether reads are asked of Oracle, too, for a proof; in `seal` each read asks it anyway. */
export function isProven(phase: Phase): boolean {
  return phase === 'expand' || phase === 'seal';
}

export interface StepNow extends Step {
  /** From 1. */
  readonly number: number;
  /** When it began, in milliseconds since the epoch. */
  readonly began: number;
  /** When the next one begins; null for the last one. */
  readonly until: number | null;
}

/**
 * The step of a collection. The ramp begins with each stay in `expand`; whoever is in `seal` has been through it, or was forced there.
 * @param since when the phase began. @param now both in milliseconds since the epoch, by one clock.
 */
export function stepAt(ramp: Ramp, phase: Phase, since: number, now: number): StepNow {
  const last = ramp.length - 1;
  let began = since;
  for (const [index, step] of ramp.entries()) {
    const until = began + step.minutes * MINUTE;
    if (index === last || (phase === 'expand' && now < until))
      return { ...step, number: index + 1, began, until: index === last ? null : until };
    if (phase === 'expand') began = until;
  }
  throw new RangeError('A ramp has one step at the least');
}
