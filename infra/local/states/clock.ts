/** The time of state machines: waits, retries, heartbeats and time-outs. */
import { setTimeout as timer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';

/** Something that is done later, unless it is put off or canceled. */
export interface Later {
  /** Begins to wait anew. */
  again(): void;
  cancel(): void;
}

/** All in milliseconds. */
export interface Clock {
  /** Since the epoch. */
  now(): number;
  /** Rejects where the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<unknown>;
  after(milliseconds: number, act: () => void): Later;
}

/** The longest that a timer of this machine waits: a longer one would go off at once. */
const LONGEST = 2 ** 31 - 1;

/** That of this machine. What is done later keeps no process alive. */
export const CLOCK: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => setTimeout(Math.min(milliseconds, LONGEST), undefined, { signal }),
  after: (milliseconds, act) => {
    const later = timer(act, Math.min(milliseconds, LONGEST)).unref();
    return { again: () => void later.refresh(), cancel: () => clearTimeout(later) };
  },
};
