/** Asks a store one question after the other. After one to which it has not answered, the others are left out: all of it takes little more than one call. */
import { type Fact, known, unknown } from './facts.ts';
import { OperatorNeeded } from './failure.ts';

export interface Asked {
  /** Whether there is time for another question. */
  timely(): boolean;
  /** The right that is missing, where an error says so; null for any other error. */
  missing(error: unknown, right: string): Fact<never> | null;
  /** Whether there was no answer at all. */
  isSilence(error: unknown): boolean;
}

export class Asking {
  readonly #asked: Asked;
  #silent = false;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** Never rejects. @param right what the user needs for it. */
  async fact<Value>(right: string, question: () => Promise<Fact<Value>>): Promise<Fact<Value>> {
    if (this.#silent) return unknown('it was not asked, since the store was silent before');
    if (!this.#asked.timely()) return unknown('no time was left to ask: try again');
    try {
      return await question();
    } catch (error) {
      this.#silent ||= this.#asked.isSilence(error);
      return this.#asked.missing(error, right) ?? unknown((error as Error).message);
    }
  }

  /** The first question of all. Nothing else is asked of a store that does not answer it. */
  async answers(question: () => Promise<unknown>): Promise<Fact<string | null>> {
    try {
      await question();
      return known(null);
    } catch (error) {
      this.#silent = true;
      const { message } = error as Error;
      return error instanceof OperatorNeeded ? known(message) : unknown(message);
    }
  }
}
