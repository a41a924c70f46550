/**
 * How many moves one look makes. A move is two writes of parameters, and SSM takes three writes a second by default: a look that begins more
 * moves than it has time to write leaves claims without their phases. So a look makes a few moves, and the next looks make the others.
 */

export const MOST_MOVES = 12;

export class Room {
  readonly #timely: () => boolean;
  #left = MOST_MOVES;

  /** @param timely whether there is time left to write a whole move. */
  constructor(timely: () => boolean) {
    this.#timely = timely;
  }

  /** Whether another move may be made. */
  get open(): boolean {
    return this.#left > 0 && this.#timely();
  }

  /** Takes the place of one move. False where there is none left. */
  take(): boolean {
    if (!this.open) return false;
    this.#left--;
    return true;
  }
}
