/** How a store fails in tests of the API. */
import {
  DurabilityImpossible,
  OperatorNeeded,
  PoisonDocument,
  StoreUnavailable,
} from '../../../functions/stores/failure.ts';

export type Failure = 'away' | 'lost answer' | 'poison' | 'operator' | 'bug' | 'undurable';

export function failureOf(kind: Failure | Error, name: string): Error {
  const target = { store: 'oracle', operation: name, collection: 'ORDERS', key: 'k' } as const;
  if (kind === 'poison') return new PoisonDocument(target, 'it does not fit');
  if (kind === 'undurable') return new DurabilityImpossible(target, 'status 0xa1');
  if (kind === 'operator') return new OperatorNeeded(target, 'the table is gone');
  return kind === 'bug'
    ? new TypeError('x is not a function')
    : new StoreUnavailable(target, true, kind instanceof Error ? kind : 'silence');
}
