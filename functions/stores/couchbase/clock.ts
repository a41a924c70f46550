/**
 * Measures the clock of Couchbase where it costs nothing: a CAS is the time at which a node made a mutation, unless the partition has
 * seen a later one. The rules for stores that forget assume that what a node gives out after a failover is above what was lost: so the clocks of
 * two nodes must differ by less than a failover takes.
 */
import type { Instant, Made } from '../witness.ts';

export interface ClockPorts {
  /** Seconds, above `LEAST`. */
  tell(metric: 'CouchbaseClockBehind' | 'CouchbaseClockAhead', seconds: number): void;
  /** Milliseconds, on a clock that is never set back. */
  steady(): number;
}

/** Seconds: a container does not know the time more exactly. */
const LEAST = 1;
/** Milliseconds for which the same skew is not told again. */
const QUIET = 10_000;
const NANOSECONDS = 1_000_000n;

/**
 * Seconds that a CAS is behind the time before its call, or ahead of the time after it; negative for neither. A skew counts only where all clocks of
 * the container agree on it.
 */
export function skewOf({ cas, began, ended }: Pick<Made, 'cas' | 'began' | 'ended'>) {
  const made = Number(cas / NANOSECONDS);
  return {
    CouchbaseClockBehind: (began.earliest - made) / 1000,
    CouchbaseClockAhead: (made - ended.latest) / 1000,
  };
}

/** The clock of the container's own machine, and the one that all containers share: either may be off. */
export function instantOf(wall: number, shared: number): Instant {
  return { earliest: Math.min(wall, shared), latest: Math.max(wall, shared) };
}

export function clockWatch({ tell, steady }: ClockPorts): (made: Made) => void {
  const told = { CouchbaseClockBehind: quiet(), CouchbaseClockAhead: quiet() };
  return (made) => {
    const skew = skewOf(made);
    for (const metric of ['CouchbaseClockBehind', 'CouchbaseClockAhead'] as const) {
      const [seconds, last] = [skew[metric], told[metric]];
      if (seconds < LEAST) continue;
      const now = steady();
      if (now - last.at < QUIET && seconds <= last.seconds) continue;
      told[metric] = { at: now, seconds };
      tell(metric, seconds);
    }
  };
}

const quiet = () => ({ at: Number.NEGATIVE_INFINITY, seconds: 0 });
