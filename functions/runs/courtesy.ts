/**
 * Live traffic first: a run that sees the stores slow down claims more time for each document, and gives it back once
 * they have recovered. (Additive increase, multiplicative decrease, as TCP's congestion avoidance: RFC 5681.)
 */

/** So many times as slow as in good times, and somebody is in trouble, perhaps because of us. */
const TROUBLE = 3;
/** The least that is left of the pace. */
const LEAST = 1 / 32;
/** What is won back with each good batch. */
const RECOVERY = 1 / 32;
/** Batches that "in good times" looks back on. */
const MEMORY = 100;
/** What a batch takes beside its documents, as if it were documents. */
const OVERHEAD = 20;

export class Courtesy {
  readonly #times: number[] = [];
  #share = 1;

  /** The share of the pace that is used now: 1 in good times. */
  get share(): number {
    return this.#share;
  }

  /** A batch of so many documents took so many milliseconds. */
  took(milliseconds: number, documents: number): void {
    const each = milliseconds / (documents + OVERHEAD);
    const best = Math.min(...this.#times, each);
    this.#share =
      each > best * TROUBLE ? Math.max(LEAST, this.#share / 2) : Math.min(1, this.#share + RECOVERY);
    this.#times.push(each);
    if (this.#times.length > MEMORY) this.#times.shift();
  }

  /** A store did not answer, or said that it was busy. */
  failed(): void {
    this.#share = Math.max(LEAST, this.#share / 2);
  }
}
