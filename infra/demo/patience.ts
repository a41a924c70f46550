/** How long the demo waits, and how often it tries: as a person would, who does not give up at the first failure, nor wait for ever. */
import { setTimeout } from 'node:timers/promises';
import { BadCommand } from '../console/service.ts';

/** Milliseconds. */
export interface Clock {
  now(): number;
  /** Rejects where the signal is given up. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<unknown>;
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** The demo does not come to its end. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}

/** Milliseconds between two attempts. */
const PAUSE = 1000;

export class Patience {
  readonly #clock: Clock;
  /** Milliseconds after which what has not come to be is taken for stuck. */
  readonly limit: number;

  constructor(limit: number, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
  }

  /** Throws `Stuck` where it has not ended in time; it goes on then, and nobody waits for it. @param why what does not come to be. */
  async within<T>(why: string, done: Promise<T>, limit = this.limit): Promise<T> {
    const over = new AbortController();
    const late = this.#clock.sleep(limit, over.signal).then(
      () => {
        throw new Stuck(`In ${Math.round(limit / 1000)} s ${why}`);
      },
      () => new Promise<never>(() => {}),
    );
    try {
      return await Promise.race([done, late]);
    } finally {
      over.abort();
    }
  }

  /** Tries until it succeeds. Throws `Stuck` with the last failure where it does not in time, and `BadCommand` at once. */
  async again<T>(why: string, act: () => Promise<T>, limit = this.limit): Promise<T> {
    const deadline = this.#clock.now() + limit;
    for (let last = ''; ; ) {
      try {
        return await this.within(`${why}${last}`, act(), Math.max(0, deadline - this.#clock.now()));
      } catch (error) {
        if (error instanceof Stuck || error instanceof BadCommand) throw error;
        last = `: ${error instanceof Error ? error.message : String(error)}`;
        if (this.#clock.now() + PAUSE > deadline)
          throw new Stuck(`In ${Math.round(limit / 1000)} s ${why}${last}`);
        await this.#clock.sleep(PAUSE);
      }
    }
  }

  /** Looks again and again. Throws `Stuck` where it never is so in time. @param why is told what was last seen. */
  async until<T>(
    look: () => Promise<T>,
    is: (seen: T) => boolean,
    why: (seen: T) => string,
    pause: number,
  ): Promise<T> {
    const deadline = this.#clock.now() + this.limit;
    for (;;) {
      const seen = await look();
      if (is(seen)) return seen;
      if (this.#clock.now() > deadline) throw new Stuck(`In ${Math.round(this.limit / 1000)} s ${why(seen)}`);
      await this.#clock.sleep(pause);
    }
  }
}
