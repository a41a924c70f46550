/**
 * Keeps repairs, runs, sweeps and gates from another store than the one that a collection was migrated with: a secret that points at a
 * disaster-recovery cluster, or a database that was restored to an earlier time. A repair would carry its old state over the newer one.
 * Each store is asked once a bake and container, and again after each new connection.
 */
import type { Phase, StoreName } from '../protocol/phase.ts';
import { learned, type Marks, marksText, rowOf } from '../records/marks.ts';
import { OperatorNeeded } from '../stores/failure.ts';
import { type Sight, sight, storesOf } from './sight.ts';

export interface GuardPorts {
  /** The bucket or database of a collection: collections with the same place share one look. */
  place(collection: string, store: StoreName): string;
  /** The number of the present connection: another store may answer on the next one. */
  connection(store: StoreName): number;
  /** Its marks; none where it does not tell them. Throws where it does not answer. */
  look(collection: string, store: StoreName): Promise<Marks>;
  /** What is remembered of all collections, by `rowOf`. */
  remembered(): Promise<ReadonlyMap<string, Marks>>;
  /** @param instead what it replaces: these marks only, whatever there is, or nothing, so that what is remembered already stays. */
  remember(collection: string, store: StoreName, marks: Marks, instead: Marks | 'any' | null): Promise<void>;
  /** Milliseconds, on a clock that is never set back. */
  now(): number;
  /** Milliseconds for which an answer counts. */
  readonly fresh: number;
}

/** Milliseconds for which a failure to get an answer counts. */
const FAILED = 5_000;

interface Held<Value> {
  readonly at: number;
  readonly value: Promise<Value>;
  readonly connection: number;
  failed: boolean;
}

export class IdentityGuard {
  readonly #ports: GuardPorts;
  readonly #looks = new Map<string, Held<Marks>>();
  #ledger: Held<ReadonlyMap<string, Marks>> | null = null;

  constructor(ports: GuardPorts) {
    this.#ports = ports;
  }

  /** Throws `OperatorNeeded` where a store is another one, and what the store throws where it does not answer. */
  async require(collection: string, phase: Phase): Promise<void> {
    for (const store of storesOf(phase)) {
      const { problem } = await this.#sight(collection, store);
      const target = { store, operation: 'identify', collection, key: null };
      if (problem !== null) throw new OperatorNeeded(target, problem);
    }
  }

  /** What is told of the stores of a collection. Throws where the ledger cannot be read. */
  sights(collection: string, phase: Phase): Promise<Sight[]> {
    return Promise.all(storesOf(phase).map((store) => this.#sight(collection, store, true)));
  }

  /**
   * Makes what the stores are now what they have to be. Of one that does not answer, or does not tell what it is, nothing is remembered, and so
   * the next marks that it tells are. @returns what they were and are.
   */
  async accept(collection: string, stores: readonly StoreName[]): Promise<Sight[]> {
    this.forget();
    const before = await Promise.all(stores.map((store) => this.#sight(collection, store, true)));
    for (const { store, seen } of before) await this.#ports.remember(collection, store, seen ?? {}, 'any');
    this.forget();
    return before;
  }

  /** @param patient whether a store that does not answer is told as such, and not thrown. */
  async #sight(collection: string, store: StoreName, patient = false): Promise<Sight> {
    // The store before the ledger: a loss of commits that is found here is entered there, too.
    const looked = await this.#look(collection, store).then(
      (marks) => ({ marks, error: null }),
      (error: unknown) => ({ marks: null, error }),
    );
    const remembered = (await this.#rows()).get(rowOf(collection, store)) ?? null;
    // Where nothing could be compared, nothing depends on the answer.
    const isNeeded = !patient && remembered !== null && Object.keys(remembered).length > 0;
    if (looked.marks === null && isNeeded) throw looked.error;
    const seen = looked.marks;
    const found = sight(collection, store, seen, remembered);
    if (seen !== null && found.problem === null) await this.#learn(collection, store, seen, remembered);
    return found;
  }

  /** Remembers what is seen for the first time. */
  async #learn(collection: string, store: StoreName, seen: Marks, remembered: Marks | null): Promise<void> {
    const marks = remembered === null ? seen : learned(remembered, seen);
    if (marks === null || Object.keys(marks).length === 0) return;
    await this.#ports.remember(collection, store, marks, remembered);
    this.#ledger = null;
  }

  #look(collection: string, store: StoreName): Promise<Marks> {
    const place = this.#ports.place(collection, store);
    const held = this.#looks.get(place);
    if (held !== undefined && this.#counts(held, store)) return held.value;
    const looked = this.#hold(store, async () => {
      const marks = await this.#ports.look(collection, store);
      const before = await held?.value.catch(() => null);
      // What it has to be may have been entered together with what it is.
      if (before === null || (before !== undefined && marksText(before) !== marksText(marks)))
        this.#ledger = null;
      return marks;
    });
    this.#looks.set(place, looked);
    return looked.value;
  }

  #rows(): Promise<ReadonlyMap<string, Marks>> {
    if (this.#ledger === null || !this.#counts(this.#ledger, 'oracle'))
      this.#ledger = this.#hold('oracle', () => this.#ports.remembered());
    return this.#ledger.value;
  }

  /** What was asked before does not count any more. */
  forget(): void {
    this.#ledger = null;
    this.#looks.clear();
  }

  #hold<Value>(store: StoreName, ask: () => Promise<Value>): Held<Value> {
    const at = this.#ports.now();
    // Its own call may open a session after that: then there is one look more, and not one too few.
    const value = ask();
    const held: Held<Value> = { at, value, connection: this.#ports.connection(store), failed: false };
    held.value.catch(() => {
      held.failed = true;
    });
    return held;
  }

  #counts({ at, connection, failed }: Held<unknown>, store: StoreName): boolean {
    const { fresh } = this.#ports;
    const young = this.#ports.now() - at < (failed ? Math.min(FAILED, fresh) : fresh);
    return young && connection === this.#ports.connection(store);
  }
}
