/**
 * What time it is, for all that containers compare with what others have noted: when a run began or ended, or a shard moved on. A container's
 * own clock may be off by any amount; that of SSM, which each of them asks all the time, is the same for all.
 */
import type { Clock } from '../phases/phase_cache.ts';

/** Milliseconds: answers carry their time in whole seconds, cut off. */
const RESOLUTION = 1000;

export class ServiceClock {
  readonly #clock: Clock;
  #heard: { readonly date: number; readonly steady: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param date when SSM has just answered, by its own clock; null where its answer did not say. */
  readonly heard = (date: number | null): void => {
    if (date !== null) this.#heard = { date, steady: this.#clock.steady() };
  };

  /**
   * Milliseconds since the epoch: the container's own, where they agree with what SSM said last. Otherwise SSM's, to within a second; behind
   * by as long as the sandbox was frozen since.
   */
  readonly now = (): number => {
    const wall = this.#clock.wall();
    if (this.#heard === null) return wall;
    const least = this.#heard.date + this.#clock.steady() - this.#heard.steady;
    return Math.floor(Math.min(Math.max(wall, least), least + RESOLUTION));
  };
}
