/**
 * A circuit breaker (M. Nygard, Release It!): decides whether a dependency is called, from how its last calls have ended. Closed: every
 * call is made. Open: none is made for a pause. Then half-open: one call at a time is made as a trial, and enough successful trials in a
 * row close it. It reads no clock: times are arguments, in milliseconds of one steady clock.
 */
export interface CircuitSettings {
  /** It opens when `failures` of the last `window` calls have failed. */
  readonly window: number;
  readonly failures: number;
  /** Milliseconds without a call before each trial; a trial that has not ended after so long counts as failed. */
  readonly pause: number;
  /** Successful trials in a row that close it. */
  readonly trials: number;
}

export class Circuit {
  readonly #settings: CircuitSettings;
  /** Whether each of the last calls has failed, the latest one last. */
  #failed: boolean[] = [];
  #isOpen = false;
  #until = 0;
  #successes = 0;

  constructor(settings: CircuitSettings) {
    this.#settings = settings;
  }

  /** Whether no call may be made now. Where it answers false after a pause, the caller makes the trial, and others are refused meanwhile. */
  open(now: number): boolean {
    if (!this.#isOpen) return false;
    if (now < this.#until) return true;
    this.#until = now + this.#settings.pause;
    return false;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether it is closed, and the last call has succeeded. */
  get isCalm(): boolean {
    return !this.#isOpen && this.#failed.at(-1) !== true;
  }

  answered(): void {
    this.#note(false);
    if (!this.#isOpen) return;
    // The next trial follows at once.
    this.#until = Number.NEGATIVE_INFINITY;
    if (++this.#successes < this.#settings.trials) return;
    this.#isOpen = false;
    this.#failed = [];
  }

  failed(now: number): void {
    this.#note(true);
    const { failures, pause } = this.#settings;
    if (!this.#isOpen && this.#failed.filter(Boolean).length < failures) return;
    this.#isOpen = true;
    this.#successes = 0;
    this.#until = Math.max(this.#until, now + pause);
  }

  #note(failed: boolean): void {
    this.#failed = [...this.#failed, failed].slice(-this.#settings.window);
  }
}
