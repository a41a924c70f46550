/** Bulk looks of one invocation: they tell which receipts are settled without a look at their key alone. */
import { isSettled, type Looked, looksOf } from '../protocol/bulk_look.ts';
import type { Phase, StoreName } from '../protocol/phase.ts';
import type { CouchbaseState, OracleState } from '../protocol/state.ts';
import type { Receipt } from '../stores/receipt.ts';
import type { Received } from './receipt_worker.ts';

/** Reads both stores of a collection for many keys. */
export interface BulkReads {
  /** In the order of the keys; null for what was not read. */
  couchbase(keys: readonly string[]): Promise<readonly (CouchbaseState | null)[]>;
  oracle(keys: readonly string[]): Promise<readonly (OracleState | null)[]>;
}

export interface LookPorts {
  readonly reads: (collection: string) => BulkReads;
  readonly phase: (collection: string) => Promise<Phase>;
  /** Throws where a store is another one than the collection was migrated with. */
  readonly requireIdentity: (collection: string, phase: Phase) => Promise<void>;
  /** Whether a bulk look may begin: there is time for one, and no store has failed of late. */
  readonly may: () => boolean;
}

/** Receipts of one collection. */
export interface Part {
  readonly collection: string;
  /** By their messages. */
  readonly receipts: ReadonlyMap<Received, Receipt>;
}

/** A look at the first store, which is over. */
interface Begun {
  readonly phase: Phase;
  readonly keys: readonly string[];
  readonly found: Map<string, Looked>;
}

export class BulkLooks {
  readonly #ports: LookPorts;
  /** A look that fails costs a call's time: then receipts are settled one by one, and a look is tried by the next invocation. */
  #failed = false;

  constructor(ports: LookPorts) {
    this.#ports = ports;
  }

  /** Looks at the follower. Null where receipts are to be settled one by one. Never rejects. */
  async begin(part: Part | undefined): Promise<Begun | null> {
    if (part === undefined || !this.#may()) return null;
    const { collection, receipts } = part;
    const phase = await this.#phaseOf(collection);
    if (phase === null) return null;
    const keys = [...new Set([...receipts.values()].map(({ key }) => key))];
    return this.#look({ phase, keys, found: new Map() }, collection, looksOf(phase)[0]);
  }

  /** Looks at the leader. @returns the messages whose receipts are settled, with these. Never rejects. */
  async end(begun: Begun | null, { collection, receipts }: Part): Promise<[Received, Receipt][]> {
    if (begun === null || !this.#may()) return [];
    const { phase } = begun;
    const looked = await this.#look(begun, collection, looksOf(phase)[1]);
    if (looked === null) return [];
    return [...receipts].filter(([, { key, expired }]) =>
      isSettled(phase, expired, looked.found.get(key) ?? {}),
    );
  }

  #may(): boolean {
    return !this.#failed && this.#ports.may();
  }

  /** Null where it is unknown, or the stores are others than the collection’s: each receipt meets that by itself, and its message says so. */
  async #phaseOf(collection: string): Promise<Phase | null> {
    try {
      const phase = await this.#ports.phase(collection);
      await this.#ports.requireIdentity(collection, phase);
      return phase;
    } catch {
      return null;
    }
  }

  /** Null where it fails. What was not read in the first store is not read in the second one. */
  async #look(begun: Begun, collection: string, store: StoreName | undefined): Promise<Begun | null> {
    const { phase, keys, found } = begun;
    if (store === undefined || keys.length === 0) return begun;
    try {
      const states = await this.#ports.reads(collection)[store](keys);
      const read = keys.filter((_, n) => states[n] !== null);
      for (const [n, key] of keys.entries())
        found.set(key, { ...found.get(key), [store]: states[n] ?? undefined });
      return { phase, keys: read, found };
    } catch {
      this.#failed = true;
      return null;
    }
  }
}
