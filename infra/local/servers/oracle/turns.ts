import { CANCELLED } from './ora.ts';

export interface Turn {
  /** Resolves with what ends the turn. Rejects with ORA-01013 for a caller that has left the queue. */
  readonly come: Promise<() => void>;
  /** Leaves the queue; too late once the turn has come. */
  readonly leave: () => void;
}

/** Who may use the one backend: first come, first served. A caller that has gone takes no turn. */
export class Turns {
  readonly #queue: PromiseWithResolvers<() => void>[] = [];
  #taken = false;

  take(): Turn {
    const caller = Promise.withResolvers<() => void>();
    this.#queue.push(caller);
    if (!this.#taken) this.#next();
    return { come: caller.promise, leave: () => this.#leave(caller) };
  }

  #next(): void {
    const caller = this.#queue.shift();
    this.#taken = caller !== undefined;
    caller?.resolve(() => this.#next());
  }

  #leave(caller: PromiseWithResolvers<() => void>): void {
    const place = this.#queue.indexOf(caller);
    if (place === -1) return;
    this.#queue.splice(place, 1);
    caller.reject(CANCELLED);
  }
}
