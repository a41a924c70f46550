/** The events of one execution, of which Step Functions keeps 25,000 and no more; and the sizes of what goes from state to state. */
import { STATES } from '../limits.ts';
import { StateFailed } from './language.ts';

/** The execution ends, whatever its states would retry or catch. */
export class Terminal extends StateFailed {}

/** Events of what an execution does. (step-functions/latest/apireference/API_HistoryEvent.html, 2026-11-27) */
export const EVENTS = {
  /** Entered and exited. */
  state: 2,
  /** Scheduled, started and ended. */
  task: 3,
  /** And submitted: it waits to be told. */
  waiting: 4,
  /** Started and ended. */
  map: 2,
  iteration: 2,
} as const;

export class History {
  readonly #most: number;
  /** The first is that it has started. */
  #events = 1;

  constructor(most: number = STATES.events) {
    this.#most = most;
  }

  get events(): number {
    return this.#events;
  }

  /** Throws `Terminal` where these would be the last event or a later one: only that of success may be the last. */
  add(events: number): void {
    this.#events += events;
    if (this.#events >= this.#most)
      throw new Terminal(
        'States.Runtime',
        `The execution reached the maximum number of history events (${this.#most}).`,
      );
  }
}

/** Whether a text has room among what Step Functions passes on. */
export function fits(text: string): boolean {
  return Buffer.byteLength(text) <= STATES.payload;
}

/** The same value. Throws `StateFailed` where it is too large. @param what it is, and of which state. */
export function fitting<Value>(value: Value, what: string): Value {
  if (value === undefined || fits(JSON.stringify(value))) return value;
  throw new StateFailed(
    'States.DataLimitExceeded',
    `${what} has a size exceeding the maximum number of bytes service limit (${STATES.payload}).`,
  );
}
