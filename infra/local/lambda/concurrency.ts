/** How many invocations an account runs at the same time: each reserved share by itself, and all other functions together. */
import { LAMBDA } from '../limits.ts';
import { Refused } from './failure.ts';

export class Pool {
  readonly #most: () => number;
  #used = 0;

  constructor(most: () => number) {
    this.#most = most;
  }

  /** Takes one invocation. Throws `Refused` where there is none left. @returns what gives it back. */
  take(): () => void {
    if (this.#used >= this.#most()) throw new Refused('TooManyRequestsException', 'Rate Exceeded.');
    this.#used++;
    return () => {
      this.#used--;
    };
  }
}

export class Account {
  readonly #quota: number;
  readonly #others = new Pool(() => this.#quota - this.#reserved);
  #reserved = 0;

  constructor(quota: number = LAMBDA.concurrency) {
    this.#quota = quota;
  }

  /** The invocations of one function. @param reserved null for none of its own. Throws where the account has not so many left. */
  pool(name: string, reserved: number | null): Pool {
    if (reserved === null) return this.#others;
    if (this.#quota - this.#reserved - reserved < LAMBDA.unreserved)
      throw new Error(
        `Specified ReservedConcurrentExecutions for function ${name} decreases account's UnreservedConcurrentExecution below its minimum ` +
          `value of [${LAMBDA.unreserved}]`,
      );
    this.#reserved += reserved;
    return new Pool(() => reserved);
  }
}
