/** How fast the backfill may go: documents a second for all workers together, from a parameter that operators change. */
import { setTimeout } from 'node:timers/promises';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { claim } from '../stores/oracle/pace.ts';
import type { Clock, ReadParameter } from './phase_cache.ts';

const BUDGET = 'backfill';
/** Milliseconds for which a rate that was read is used. */
const FRESH = 2000;

/** The backfill is paused: its pace is 0. */
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

  /** Waits until so many documents may be copied. False where that would take longer than `most` milliseconds. Rejects with `Paused`. */
  async wait(documents: number, most: number): Promise<boolean> {
    const rate = await this.rate();
    if (rate === 0) throw new Paused('The backfill is paused: its pace is 0');
    const wait = await claim(this.#database, BUDGET, documents, rate, this.#clock.wall());
    if (wait > most) return false;
    await setTimeout(wait);
    return true;
  }
}
