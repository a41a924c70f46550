/** Each request as its client saw it. */
import { Tally } from '../../infra/demo/tally.ts';

export interface Asked {
  /** When it was sent, on the clock of the tally, and how long it took until an answer or until none was to come: milliseconds. */
  readonly at: number;
  readonly took: number;
  /** Null where it was answered as the API's page says; else status and problem. */
  readonly why: string | null;
}

/** A tally that forgets no request. */
export class Remembering extends Tally {
  readonly asked: Asked[] = [];
  readonly #clock: () => number;

  /** @param now milliseconds on a clock that never goes back. */
  constructor(now: () => number) {
    super(now);
    this.#clock = now;
  }

  override count(phase: string, took: number, why: string | null): void {
    super.count(phase, took, why);
    this.asked.push({ at: this.#clock() - took, took, why });
  }
}
