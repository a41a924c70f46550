/** Whether a node of Couchbase was failed over: its partitions go on elsewhere, and each begins a history with another UUID. */
import type { Partition, Witness } from '../stores/witness.ts';

export class Failovers implements Pick<Witness, 'looked'> {
  readonly #uuids = new Map<number, string>();
  readonly #broken = new Set<number>();

  /** Partitions that were seen in two histories. A planned move of a partition, as a rebalance makes it, breaks none off. */
  get count(): number {
    return this.#broken.size;
  }

  looked({ id, uuid }: Partition): void {
    const before = this.#uuids.get(id);
    if (before !== undefined && before !== uuid) this.#broken.add(id);
    this.#uuids.set(id, uuid);
  }
}
