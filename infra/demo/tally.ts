/** Counts of requests, by the phase in which they were answered, and how long they took. */

export interface Figures {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

interface Counted {
  failed: number;
  readonly took: number[];
}

export class Tally {
  readonly #now: () => number;
  readonly #phases = new Map<string, Counted>();
  readonly #failures = new Map<string, number>();
  #served: number | null = null;
  #silence = 0;

  /** @param now milliseconds on a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param why it failed; null if it did not. */
  count(phase: string, took: number, why: string | null): void {
    const counted = this.#phases.get(phase) ?? { failed: 0, took: [] };
    this.#phases.set(phase, counted);
    counted.took.push(took);
    if (why === null) this.#serve();
    else {
      counted.failed++;
      this.#failures.set(why, (this.#failures.get(why) ?? 0) + 1);
    }
  }

  /** Nobody asks from now on: that is no silence. */
  pause(): void {
    this.#serve();
    this.#served = null;
  }

  /** The longest time in which nobody was served, in milliseconds. */
  get silence(): number {
    return this.#silence;
  }

  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  /** In the order in which they were first seen. */
  get phases(): ReadonlyMap<string, Figures> {
    return new Map([...this.#phases].map(([phase, { failed, took }]) => [phase, figuresOf(failed, took)]));
  }

  get total(): Figures {
    const all = [...this.#phases.values()];
    const failed = all.reduce((sum, each) => sum + each.failed, 0);
    return figuresOf(
      failed,
      all.flatMap(({ took }) => took),
    );
  }

  #serve(): void {
    const now = this.#now();
    if (this.#served !== null) this.#silence = Math.max(this.#silence, now - this.#served);
    this.#served = now;
  }
}

function figuresOf(failed: number, took: readonly number[]): Figures {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { requests: sorted.length, failed, p50: at(0.5), p99: at(0.99), longest: at(1) };
}
