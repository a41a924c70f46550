/** Durable writes: what a mutation may ask for, and whether enough nodes are there to grant it. */
import type { Request } from './frame.ts';
import { OPCODE, Refusal, STATUS } from './wire.ts';

const MOST_REPLICAS = 3;
/** A bucket with more replicas takes no durable writes at all. */
const MOST_REPLICAS_OF_DURABLE_WRITES = 2;
const LEVELS: ReadonlySet<number> = new Set([1, 2, 3]);
/** Reserved: the bucket's default, and no end. */
const RESERVED_TIMEOUTS: ReadonlySet<number> = new Set([0, 0xffff]);

const DURABLE: ReadonlySet<number> = new Set([
  ...[OPCODE.set, OPCODE.add, OPCODE.replace, OPCODE.delete, OPCODE.touch, OPCODE.getAndTouch],
  OPCODE.mutateIn,
]);

/** Where clients can see a third of a bucket fail. */
const LEAST_NODES = 3;

/** The nodes that hold each vbucket: the active one, and its replicas. */
export class Nodes {
  readonly #configured: number;
  readonly #nodes: number;
  /** By vbucket: the active node first, then those with a replica, as many as stand. */
  #holders: readonly (readonly number[])[];
  /** Counts the changes, for the revision of the cluster map. */
  changes = 0;

  /** @param replicas how many each bucket is configured to have. @param vbuckets how many each bucket has. */
  constructor(replicas: number, vbuckets: number) {
    if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST_REPLICAS)
      throw new Error(`A bucket has 0 to ${MOST_REPLICAS} replicas, and not ${replicas}`);
    this.#configured = replicas;
    this.#nodes = Math.max(LEAST_NODES, replicas + 1);
    this.#holders = Array.from({ length: vbuckets }, (_, vbucket) => this.#all(vbucket));
  }

  /** As many as each bucket is configured to have. */
  get replicas(): number {
    return this.#configured;
  }

  /** Whether a vbucket has a replica at the moment. */
  hasReplica(vbucket: number): boolean {
    return this.#of(vbucket).length > 1;
  }

  /** A replica of each vbucket is gone. */
  lose(): void {
    this.#keep(this.#holders.map((nodes) => nodes.slice(0, -1)));
  }

  /**
   * The active node of each vbucket is gone, or one node with all that it holds: active vbuckets, and replicas of others.
   *
   * @returns the vbuckets of which a replica becomes active.
   */
  fail(node: number | null): number[] {
    if (node !== null && !(Number.isInteger(node) && node >= 0 && node < this.#nodes))
      throw new Error(`There are the nodes 0 to ${this.#nodes - 1}, and no ${node}`);
    const failed = [...this.#holders.keys()].filter(
      (vbucket) => node === null || this.#of(vbucket)[0] === node,
    );
    this.#keep(
      this.#holders.map((nodes) =>
        node === null ? nodes.slice(1) : nodes.filter((holder) => holder !== node),
      ),
    );
    return failed;
  }

  /** All nodes are back, and hold what the active one holds. */
  rebalance(): void {
    if (this.#holders.every(({ length }) => length === this.#configured + 1)) return;
    this.#holders = this.#holders.map((_, vbucket) => this.#all(vbucket));
    this.changes++;
  }

  takesDurableWrites(vbucket: number): boolean {
    const majority = Math.floor((this.#configured + 1) / 2) + 1;
    return this.#configured <= MOST_REPLICAS_OF_DURABLE_WRITES && this.#of(vbucket).length >= majority;
  }

  #of(vbucket: number): readonly number[] {
    return this.#holders[vbucket] ?? [];
  }

  #all(vbucket: number): number[] {
    return Array.from({ length: this.#configured + 1 }, (_, n) => (vbucket + n) % this.#nodes);
  }

  #keep(holders: readonly (readonly number[])[]): void {
    if (holders.some(({ length }) => length === 0))
      throw new Error('There is no replica left: start the server with more replicas');
    this.#holders = holders;
    this.changes++;
  }
}

/** Refuses a request whose durability is no level or has no meaning for it. */
export function checkDurability({ opcode, framing: { durability } }: Request): void {
  if (durability === null) return;
  if (durability.length !== 1 && durability.length !== 3) throw new Refusal(STATUS.invalid);
  const reserved = durability.length === 3 && RESERVED_TIMEOUTS.has(durability.readUInt16BE(1));
  if (!LEVELS.has(durability.readUInt8(0)) || reserved) throw new Refusal(STATUS.durabilityInvalidLevel);
  if (!DURABLE.has(opcode)) throw new Refusal(STATUS.invalid);
}

/** Refuses a durable write where too few nodes are left. */
export function requireMajority(nodes: Nodes, { vbucket, framing: { durability } }: Request): void {
  if (durability !== null && !nodes.takesDurableWrites(vbucket))
    throw new Refusal(STATUS.durabilityImpossible);
}
