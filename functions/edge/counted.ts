/** Stores whose failures are counted: also those that no request fails for, since another store or a receipt stands in. */
import { OperatorNeeded, StoreUnavailable } from '../stores/failure.ts';

/** Is told of each call when it has ended: the method, its arguments, milliseconds, and whether it has failed since the store is away or needs an operator. */
export type Took = (name: string, args: readonly unknown[], milliseconds: number, failed: boolean) => void;

/** The same store. @param failed is told of each call that it rejects. @param took is told of each call, also of one that is rejected. */
export function countedStore<Store extends object>(
  store: Store,
  failed: (error: unknown) => void,
  took: Took = () => {},
): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        const began = performance.now();
        const result: unknown = Reflect.apply(member, target, given);
        if (!(result instanceof Promise)) return result;
        const ended = (hasFailed: boolean) => took(String(name), given, performance.now() - began, hasFailed);
        return result.then(
          (value: unknown) => {
            ended(false);
            return value;
          },
          (error: unknown) => {
            failed(error);
            ended(metricsOf(error).length > 0);
            throw error;
          },
        );
      };
    },
  });
}

/** All connections of the pool were at work. One whose sessions do not open says something else. (node-oracledb, "Error messages": NJS-040, NJS-076.) */
const SATURATED = /NJS-0(40|76)/;

/** Names of the metrics that a failure counts for. */
export function metricsOf(error: unknown): string[] {
  if (!(error instanceof StoreUnavailable || error instanceof OperatorNeeded)) return [];
  const store = error.target.store === 'oracle' ? 'OracleFailures' : 'CouchbaseFailures';
  return SATURATED.test(error.message) ? [store, 'PoolSaturated'] : [store];
}
