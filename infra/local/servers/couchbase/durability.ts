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

/** The nodes that hold each vbucket: the active one, and its replicas. */
export class Nodes {
  readonly #configured: number;
  #standing: number;
  /** Counts the changes, for the revision of the cluster map. */
  changes = 0;

  /** @param replicas how many each bucket is configured to have. */
  constructor(replicas: number) {
    if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST_REPLICAS)
      throw new Error(`A bucket has 0 to ${MOST_REPLICAS} replicas, and not ${replicas}`);
    this.#configured = replicas;
    this.#standing = replicas;
  }

  /** As many as each bucket is configured to have. */
  get replicas(): number {
    return this.#configured;
  }

  /** As many as there are at the moment. */
  get standing(): number {
    return this.#standing;
  }

  /** A node that holds a replica is gone, or becomes the active one. */
  lose(): void {
    if (this.#standing === 0)
      throw new Error('There is no replica left: start the server with more replicas');
    this.#standing--;
    this.changes++;
  }

  /** All nodes are back, and hold what the active one holds. */
  rebalance(): void {
    if (this.#standing === this.#configured) return;
    this.#standing = this.#configured;
    this.changes++;
  }

  get takesDurableWrites(): boolean {
    const majority = Math.floor((this.#configured + 1) / 2) + 1;
    return this.#configured <= MOST_REPLICAS_OF_DURABLE_WRITES && this.#standing + 1 >= majority;
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
export function requireMajority(nodes: Nodes, { framing: { durability } }: Request): void {
  if (durability !== null && !nodes.takesDurableWrites) throw new Refusal(STATUS.durabilityImpossible);
}
