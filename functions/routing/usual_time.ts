/**
 * How long something usually takes, and how long it is waited for: the smoothed mean plus four smoothed deviations, as TCP waits for an
 * acknowledgement (RFC 6298), within bounds. Milliseconds.
 */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** The weight of a new time in the mean and in the deviation, and the deviations that are waited for. */
const [MEAN, DEVIATION, DEVIATIONS] = [1 / 8, 1 / 4, 4];

export class UsualTime {
  readonly #bounds: Bounds;
  #mean: number | null = null;
  #deviation = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** What took longer than `most` is not learned from: it is no usual time, and nobody would wait for it. */
  note(took: number): void {
    if (took > this.#bounds.most) return;
    if (this.#mean === null) {
      this.#mean = took;
      this.#deviation = took / 2;
      return;
    }
    this.#deviation += DEVIATION * (Math.abs(took - this.#mean) - this.#deviation);
    this.#mean += MEAN * (took - this.#mean);
  }

  /** `most` as long as nothing is known. */
  get budget(): number {
    const { least, most } = this.#bounds;
    if (this.#mean === null) return most;
    return Math.min(most, Math.max(least, this.#mean + DEVIATIONS * this.#deviation));
  }
}
