/**
 * How many writes of a batch are under way at the same time in a container. They share its sessions, and a call that waits too long for one fails: so it
 * begins with few, goes up by one with each write that was quick, and down to half with each that was slow, as TCP fills a network.
 */
const MOST = 16;
/** Writes for each session at the beginning. */
const BEGIN = 2;
/** Milliseconds: quicker, and more may be under way; slower, and there must be fewer. */
const [QUICK, SLOW] = [200, 500];

export class Window {
  readonly #least: number;
  #size: number;

  /** @param connections sessions that the writes share. */
  constructor(connections: number) {
    this.#least = Math.min(MOST, connections);
    this.#size = Math.min(MOST, BEGIN * connections);
  }

  get size(): number {
    return this.#size;
  }

  /** A write has ended, and has taken so many milliseconds. */
  ended(took: number): void {
    if (took <= QUICK) this.#size = Math.min(MOST, this.#size + 1);
    else if (took > SLOW) this.#size = Math.max(this.#least, this.#size >> 1);
  }
}
