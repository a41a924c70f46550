/**
 * Stops asking a store that does not answer: after a few failures in a row nobody asks for a while, and then one does. (The
 * circuit breaker of M. Nygard, Release It!)
 */
const FAILURES = 5;
/** Milliseconds for which nobody asks. */
const PAUSE = 10_000;

export class Breaker {
  #failures = 0;
  #until = Number.NEGATIVE_INFINITY;

  /** Whether nobody should ask now. One who asks after a pause is let through, and the others wait for what comes of it. */
  open(now: number): boolean {
    if (this.#failures < FAILURES) return false;
    if (now < this.#until) return true;
    this.#until = now + PAUSE;
    return false;
  }

  /** Whether the last call to a store was answered. */
  get isCalm(): boolean {
    return this.#failures === 0;
  }

  answered(): void {
    this.#failures = 0;
  }

  failed(now: number): void {
    this.#failures++;
    if (this.#failures === FAILURES) this.#until = now + PAUSE;
  }
}
