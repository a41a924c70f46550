/** How fast runs may go: documents a second for all workers together, from a parameter that operators change. */
import { setTimeout } from 'node:timers/promises';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { claim } from '../stores/oracle/pace.ts';
import type { Clock, ReadParameter } from './phase_cache.ts';

const BUDGET = 'backfill';
/** Milliseconds for which a rate that was read is used. */
const FRESH = 2000;

/** Milliseconds until somebody who lets others go first looks again. */
const AGAIN = 250;

/** Runs are paused: their pace is 0. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

export class Pace {
  readonly #read: ReadParameter;
  readonly #database: OracleConnection;
  readonly #clock: Clock;
  #held: { readonly rate: number; readonly at: number } | null = null;

  constructor(read: ReadParameter, database: OracleConnection, clock: Clock) {
    this.#read = read;
    this.#database = database;
    this.#clock = clock;
  }

  /** Documents a second; 0 for paused. Throws where the parameter holds no number. */
  async rate(): Promise<number> {
    if (this.#held === null || this.#clock.steady() - this.#held.at > FRESH) {
      const { value } = await this.#read();
      if (!/^\d{1,7}$/.test(value))
        throw new Error(`The pace is ${JSON.stringify(value)}: set documents a second, 0 to pause`);
      this.#held = { rate: Number(value), at: this.#clock.steady() };
    }
    return this.#held.rate;
  }

  /**
   * Waits until so many documents may be worked on. False where that would take longer than `most` milliseconds. Rejects with
   * `Paused`. @param patient whether it claims time only where nobody else waits.
   */
  async wait(documents: number, most: number, patient = false): Promise<boolean> {
    const until = this.#clock.steady() + most;
    for (;;) {
      const rate = await this.rate();
      if (rate === 0) throw new Paused('Runs are paused: their pace is 0');
      const wait = await claim(this.#database, BUDGET, documents, rate, this.#clock.wall(), patient);
      const left = until - this.#clock.steady();
      if (wait !== null && wait > left) return false;
      if (wait === null && left < AGAIN) return false;
      await setTimeout(wait ?? AGAIN);
      if (wait !== null) return true;
    }
  }
}
