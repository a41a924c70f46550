/** How fast the backfill may go: documents a second for all workers together, from a parameter that operators change. */
import { setTimeout } from 'node:timers/promises';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { claim } from '../stores/oracle/pace.ts';
import type { Clock, ReadParameter } from './phase_cache.ts';

const BUDGET = 'backfill';
/** Milliseconds for which a rate that was read is used. */
const FRESH = 2000;

/** The backfill is paused, or so slow that the next batch would come too late for this turn. */
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

  /** Waits until so many documents may be copied. Rejects with `Paused` where that takes longer than `most` milliseconds. */
  async wait(documents: number, most: number): Promise<void> {
    const rate = await this.rate();
    if (rate === 0 || (documents * 1000) / rate > most)
      throw new Paused('The backfill is paused, or too slow for this turn');
    const wait = await claim(this.#database, BUDGET, documents, rate, this.#clock.wall());
    if (wait > most) throw new Paused('Other workers have claimed the time that is left');
    await setTimeout(wait);
  }
}
