/** A clock that stands still until it is moved: weeks pass in a moment. */
import type { Clock, Later } from '../../infra/local/states/clock.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
  canceled: boolean;
}

const isBefore = (one: Due, other: Due) =>
  one.at - other.at < 0 || (one.at === other.at && one.order < other.order);

export class SimulatedClock implements Clock {
  #now = 0;
  #order = 0;
  /** A binary heap: the first is due first. */
  readonly #heap: Due[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => this.after(milliseconds, resolve));
    signal?.throwIfAborted();
  }

  after(milliseconds: number, act: () => void): Later {
    let due = this.#add(milliseconds, act);
    return {
      again: () => {
        due.canceled = true;
        due = this.#add(milliseconds, act);
      },
      cancel: () => {
        due.canceled = true;
      },
    };
  }

  /** Moves on until it is over, or it is later than `until`. */
  async run(over: () => boolean, until: number): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      if (over()) return;
      const due = this.#take();
      if (due === undefined) return;
      if (due.at > until) {
        this.#push(due);
        this.#now = until;
        return;
      }
      this.#now = due.at;
      due.act();
    }
  }

  #add(milliseconds: number, act: () => void): Due {
    const due = { at: this.#now + milliseconds, order: this.#order++, act, canceled: false };
    this.#push(due);
    return due;
  }

  #push(due: Due): void {
    this.#heap.push(due);
    for (let at = this.#heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swap(at, parent)) break;
      at = parent;
    }
  }

  #take(): Due | undefined {
    for (;;) {
      const [first] = this.#heap;
      const last = this.#heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (first !== last) this.#sink(last);
      if (!first.canceled) return first;
    }
  }

  #sink(due: Due): void {
    this.#heap[0] = due;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const [one, other] = [this.#heap[left], this.#heap[right]];
      if (one === undefined) return;
      const child = other !== undefined && isBefore(other, one) ? right : left;
      if (!this.#swap(child, at)) return;
      at = child;
    }
  }

  /** Swaps a child with its parent where it is due before it. */
  #swap(child: number, parent: number): boolean {
    const [low, high] = [this.#heap[child], this.#heap[parent]];
    if (low === undefined || high === undefined || !isBefore(low, high)) return false;
    [this.#heap[child], this.#heap[parent]] = [high, low];
    return true;
  }
}
