/** One vbucket: its clock and its counters, and the identity of its history. */
import type { Marks } from './storage.ts';

const LOGICAL_BITS = 0xffffn;
const NEW = { cas: 0n, seqno: 0n, deletedRevision: 0n };

export class Vbucket {
  #marks: Marks;
  /** What the replicas know of, where they lag behind. */
  #replicated: Marks | null = null;

  constructor(marks: Pick<Marks, 'uuid'> & Partial<Marks>) {
    this.#marks = { ...NEW, ...marks };
  }

  get marks(): Marks {
    return this.#marks;
  }

  /** A hybrid logical clock: nanoseconds, the low 16 bits logical, never twice the same. */
  tick(milliseconds: number): bigint {
    const physical = (BigInt(milliseconds) * 1_000_000n) & ~LOGICAL_BITS;
    const { cas: last } = this.#marks;
    const cas = physical > last ? physical : last + 1n;
    this.#marks = { ...this.#marks, cas };
    return cas;
  }

  /** The number of the next mutation. */
  count(): bigint {
    const seqno = this.#marks.seqno + 1n;
    this.#marks = { ...this.#marks, seqno };
    return seqno;
  }

  /** A tombstone with that revision: a key that is not known begins above the highest of them. */
  bury(revision: bigint): void {
    if (revision > this.#marks.deletedRevision) this.#marks = { ...this.#marks, deletedRevision: revision };
  }

  get isLagging(): boolean {
    return this.#replicated !== null;
  }

  /** From now on the replicas hear of no mutation. */
  lag(): void {
    this.#replicated ??= this.#marks;
  }

  /** The replicas hear of all mutations up to now. */
  replicate(): void {
    if (this.#replicated !== null) this.#replicated = this.#marks;
  }

  /** The replicas hear of all mutations again. */
  catchUp(): void {
    this.#replicated = null;
  }

  /** A replica becomes active: it goes on from what it knows, as another history, with so many numbers left out. */
  failOver(uuid: bigint, skipped = 0n): void {
    const marks = this.#replicated ?? this.#marks;
    this.#marks = { ...marks, uuid, seqno: marks.seqno + skipped };
    this.#replicated = null;
  }
}
