/** Writes of the controller to SSM, one after the other, at a rate that SSM takes. */

/** Milliseconds between two writes. SSM takes 3 a second by default, and operators and the heartbeat of Oracle need some of them. */
export const INTERVAL = 400;
/** How often a write is sent that SSM refuses for its rate. */
const ATTEMPTS = 4;

export class PacedWrites {
  readonly #steady: () => number;
  readonly #sleep: (milliseconds: number) => Promise<unknown>;
  /** When the next write may be sent. */
  #next = Number.NEGATIVE_INFINITY;

  /** @param steady milliseconds on a clock that never goes back. */
  constructor(steady: () => number, sleep: (milliseconds: number) => Promise<unknown>) {
    this.#steady = steady;
    this.#sleep = sleep;
  }

  /** Milliseconds until a write that is asked for now is sent. */
  get wait(): number {
    return Math.max(0, this.#next - this.#steady());
  }

  /** Sends a write in its turn. One that was refused because others have written too much has not taken effect, and is sent again. */
  async send<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      await this.#turn();
      try {
        return await write();
      } catch (error) {
        if ((error as Error).name !== 'ThrottlingException' || attempt === ATTEMPTS) throw error;
        this.#next = Math.max(this.#next, this.#steady()) + attempt * INTERVAL;
      }
    }
  }

  async #turn(): Promise<void> {
    const { wait } = this;
    this.#next = this.#steady() + wait + INTERVAL;
    if (wait > 0) await this.#sleep(wait);
  }
}
