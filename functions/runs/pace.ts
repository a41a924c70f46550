/** How fast runs may go: documents a second for all workers together, from a parameter that operators change. */
import { quoted } from '../parsing/quoted.ts';
import type { Clock } from '../phases/phase_cache.ts';

/** Milliseconds for which a rate that was read is used. */
const FRESH = 2000;
/** Milliseconds until somebody who lets others go first looks again, and between two signs of life. */
const [AGAIN, SLICE] = [250, 1000];

/** Runs are paused: their pace is 0. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** What a pace is kept with. */
export interface PaceParts {
  readonly read: () => Promise<{ readonly value: string }>;
  /** Claims time for so many documents: milliseconds until it begins, or null where it would begin later than after `most`. */
  readonly claim: (documents: number, rate: number, now: number, most: number) => Promise<number | null>;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

export interface Waiting {
  /** Whether it claims time only where nobody else waits. */
  readonly patient: boolean;
  /** Is called now and then: who waits long is not dead. */
  readonly alive: () => Promise<void>;
}

export class Pace {
  readonly #parts: PaceParts;
  #held: { readonly rate: number; readonly at: number } | null = null;

  constructor(parts: PaceParts) {
    this.#parts = parts;
  }

  /** Documents a second; 0 for paused. Throws where the parameter holds no number. */
  async rate(): Promise<number> {
    if (this.#held === null || this.#parts.clock.steady() - this.#held.at > FRESH) {
      const { value } = await this.#parts.read();
      if (!/^\d{1,7}$/.test(value))
        throw new Error(`The pace is ${quoted(value)}: set documents a second, 0 to pause`);
      this.#held = { rate: Number(value), at: this.#parts.clock.steady() };
    }
    return this.#held.rate;
  }

  /**
   * Waits until so many documents may be worked on. False where that would take longer than `most` milliseconds. Rejects with
   * `Paused`.
   */
  async wait(documents: number, most: number, { patient, alive }: Waiting): Promise<boolean> {
    const { claim, clock } = this.#parts;
    const until = clock.steady() + most;
    for (;;) {
      const rate = await this.rate();
      if (rate === 0) throw new Paused('Runs are paused: their pace is 0');
      const left = Math.max(0, until - clock.steady());
      const wait = await claim(documents, rate, clock.wall(), patient ? 0 : left);
      if (wait === null && (!patient || AGAIN > left)) return false;
      await this.#sleep(wait ?? AGAIN, alive);
      if (wait !== null) return true;
    }
  }

  async #sleep(milliseconds: number, alive: () => Promise<void>): Promise<void> {
    for (let left = milliseconds; left > 0; left -= SLICE) {
      await this.#parts.sleep(Math.min(left, SLICE));
      await alive();
    }
  }
}
