/** A timer whose time goes on only when it is told to. */
import type { Timer } from '../../functions/routing/bulkheads.ts';

export class VirtualTimer implements Timer {
  #now = 0;
  #waiting: { readonly at: number; readonly act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, act: () => void): () => void {
    const waiting = { at: this.#now + milliseconds, act };
    this.#waiting.push(waiting);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
    };
  }

  async sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => this.after(milliseconds, resolve));
  }

  /** Goes on from one wait to the next until the work is done. */
  async run<R>(work: Promise<R>): Promise<R> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    for (;;) {
      // Whatever follows from what has happened so far.
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return work;
      const next = this.#waiting.sort((x, y) => x.at - y.at).shift();
      if (next === undefined) throw new Error('The work waits for nothing that would come');
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
  }
}
