/** What is under way, so that a rehearsal knows when nothing of before can still arrive: its bake, without a clock. */
export class Activity {
  readonly #late: () => Promise<void>;
  /** In the order in which they began. */
  readonly #open = new Set<number>();
  #next = 0;

  /** @param late resolves when a call that was given up can no longer arrive. */
  constructor(late: () => Promise<void>) {
    this.#late = late;
  }

  /** All that has begun has a smaller number. */
  get mark(): number {
    return this.#next;
  }

  begin(): number {
    this.#open.add(this.#next);
    return this.#next++;
  }

  /** @param inDoubt whether a call of it was given up, and may still arrive. */
  end(id: number, inDoubt: boolean): void {
    if (inDoubt) this.#late().then(() => this.#open.delete(id));
    else this.#open.delete(id);
  }

  /** Whether all that had begun by then has ended. */
  isOver(mark: number): boolean {
    const [oldest = this.#next] = this.#open;
    return oldest >= mark;
  }
}
