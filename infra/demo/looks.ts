/** The looks of the controller: here it looks all the time; in AWS once a minute, and when a flag has changed. */
import { CLOCK } from './patience.ts';

/** Milliseconds between two looks. */
const PAUSE = 700;

export class Looks {
  readonly #look: () => Promise<unknown>;
  #isOver = false;
  #isHeld = false;
  #looking: Promise<unknown> = Promise.resolve();
  readonly #ended: Promise<void>;

  /** Begins. @param look may reject: the next one is made all the same, as where a store is away. */
  constructor(look: () => Promise<unknown>) {
    this.#look = look;
    this.#ended = this.#goOn();
  }

  /** From now on no look is made, or looks go on. Resolves once none is under way. */
  async hold(isHeld: boolean): Promise<void> {
    this.#isHeld = isHeld;
    await this.#looking;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #goOn(): Promise<void> {
    while (!this.#isOver) {
      if (!this.#isHeld) this.#looking = this.#look().catch(() => {});
      await this.#looking;
      await CLOCK.sleep(PAUSE);
    }
  }
}
