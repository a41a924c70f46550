import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedStore, metricsOf } from '../../functions/edge/counted.ts';
import {
  OperatorNeeded,
  PoisonDocument,
  StoreUnavailable,
  type Target,
} from '../../functions/stores/failure.ts';

const oracle: Target = { store: 'oracle', operation: 'read', collection: 'T', key: 'k' };
const couchbase: Target = { ...oracle, store: 'couchbase' };

class Store {
  readonly #held = new Map([['a', 1]]);
  readonly name = 'store';
  async read(key: string): Promise<number | undefined> {
    if (key === 'away') throw new StoreUnavailable(oracle, false, new Error('gone'));
    return this.#held.get(key);
  }
  require(key: string): void {
    if (key === 'unfit') throw new PoisonDocument(oracle, 'unfit');
  }
}

test('a store whose failures are counted is the same store to everybody else', async () => {
  const seen: unknown[] = [];
  const store = countedStore(new Store(), (error) => seen.push(error));
  assert.deepEqual([store.name, await store.read('a'), await store.read('b')], ['store', 1, undefined]);
  await assert.rejects(store.read('away'), StoreUnavailable);
  assert.throws(() => store.require('unfit'), PoisonDocument);
  assert.equal(seen.length, 1);
});

test('a failure counts for its store, and for the pool where none of its connections was free', () => {
  const pool = new Error('NJS-040: connection request timeout');
  for (const [error, names] of [
    [new StoreUnavailable(couchbase, true, new Error('time')), ['CouchbaseFailures']],
    [new StoreUnavailable(oracle, false, new Error('ORA-03113')), ['OracleFailures']],
    [new StoreUnavailable(oracle, false, pool), ['OracleFailures', 'PoolSaturated']],
    [new OperatorNeeded(oracle, 'its tablespace is full'), ['OracleFailures']],
    [new PoisonDocument(oracle, 'unfit'), []],
    [new TypeError('bug'), []],
  ] as const)
    assert.deepEqual(metricsOf(error), names);
});
