/** An operator of a test system in memory: breaks what it is asked to, and mends it once that was noticed. */
import type { Broken, Ports } from '../../functions/certification/check.ts';
import { OperatorNeeded, StoreUnavailable, type Target } from '../../functions/stores/failure.ts';
import { hasLostSession, hasNoRoom } from '../../functions/stores/oracle/broken.ts';

const target = (store: Target['store']) => ({
  ...{ store, operation: 'write', collection: 'reference', key: 'any' },
});
const NO_MEMORY = new Error('temporary failure');

/** What each breakage does to a call; null for nothing. */
const FAILURES: Readonly<Record<string, (store: Target['store'], verb: string) => Error | null>> = {
  'oracle.no-room': (store, verb) =>
    store === 'oracle' && verb !== 'read'
      ? new OperatorNeeded(
          target(store),
          'no quota',
          new Error("ORA-01536: space quota exceeded for tablespace 'X'"),
        )
      : null,
  'oracle.restart': (store) =>
    store === 'oracle'
      ? new StoreUnavailable(target(store), true, new Error('ORA-03113: end-of-file'))
      : null,
  'couchbase.failover': (store) =>
    store === 'couchbase' ? new StoreUnavailable(target(store), true, new Error('request canceled')) : null,
  'couchbase.no-memory': (store, verb) =>
    store === 'couchbase' && verb !== 'read' ? new StoreUnavailable(target(store), false, NO_MEMORY) : null,
};

/** Calls of clients and of receipts that fail once it is asked to mend it. */
const NOTICED = 20;

export class Operator {
  #broken: string | null = null;
  #left = Number.POSITIVE_INFINITY;
  #failovers = 0;

  readonly tell: Ports['tell'] = async ({ check, step }) => {
    if (step === 'mend') this.#left = NOTICED;
    if (step !== 'break') return;
    this.#left = Number.POSITIVE_INFINITY;
    this.#broken = check;
    if (check === 'couchbase.failover') this.#failovers++;
  };

  readonly broken: Broken = {
    noRoom: hasNoRoom,
    lostSession: hasLostSession,
    noMemory: (error) => error instanceof StoreUnavailable && error.cause === NO_MEMORY,
    failedOver: async () => this.#failovers,
  };

  /** The same store, as it is while something is broken. */
  over<Store extends object>(name: Target['store'], store: Store): Store {
    const calls = Object.entries(store).map(([verb, act]) => {
      if (verb === 'require') return [verb, act] as const;
      const call = async (...args: unknown[]) => {
        const failure = this.#failure(name, verb, String(args[0]));
        if (failure !== null) throw failure;
        return act(...args);
      };
      return [verb, call] as const;
    });
    return Object.fromEntries(calls) as Store;
  }

  #failure(store: Target['store'], verb: string, key: string): Error | null {
    const failure = FAILURES[this.#broken ?? '']?.(store, verb) ?? null;
    const isOfTrial = key.includes('/trial/');
    if (failure !== null && !isOfTrial && --this.#left <= 0) this.#broken = null;
    return failure;
  }
}
