/** Virtual time: what is to happen, in order. Between two moments all that can run has run. */
import { Random } from '../simulation/scheduler.ts';

interface Due {
  readonly at: number;
  readonly go: () => void;
}

export class Timeline {
  /** Milliseconds since the epoch. */
  now: number;
  readonly random: Random;
  /** A heap: the earliest first. */
  readonly #due: Due[] = [];

  constructor(start: number, seed: number) {
    this.now = start;
    this.random = new Random(seed);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((go) => this.#add({ at: this.now + milliseconds, go }));
  }

  async run(until: number): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#due[0];
      if (next === undefined || next.at > until) break;
      this.#remove();
      this.now = next.at;
      next.go();
    }
    this.now = until;
  }

  #add(due: Due): void {
    const heap = this.#due;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((heap[above] as Due).at <= due.at) break;
      heap[at] = heap[above] as Due;
      at = above;
    }
    heap[at] = due;
  }

  #remove(): void {
    const heap = this.#due;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const least = right < heap.length && (heap[right] as Due).at < (heap[left] as Due).at ? right : left;
      if ((heap[least] as Due).at >= last.at) break;
      heap[at] = heap[least] as Due;
      at = least;
    }
    heap[at] = last;
  }
}
