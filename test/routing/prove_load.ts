/** Oracle, asked for what Couchbase has answered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { NO_ROW, type OracleState } from '../../functions/protocol/state.ts';
import { callsIn } from '../../functions/records/histogram.ts';
import { NO_FIGURES } from '../../functions/records/load_proof.ts';
import { type ChosenRead, contentMark } from '../../functions/routing/load_samples.ts';
import { isAlike, type ProofPorts, proveLoad } from '../../functions/routing/prove_load.ts';
import { Circuit } from '../../functions/stores/circuit.ts';
import { OperatorNeeded, StoreUnavailable, TooLargeToRead } from '../../functions/stores/failure.ts';

const TARGET = { store: 'oracle', operation: 'read', collection: 'c', key: 'k' } as const;
const document = (text: string, expires: number | null = null) => documentFrom(Buffer.from(text), expires);
const row = (text: string | null, version: bigint, expires: number | null = null): OracleState => ({
  ...NO_ROW,
  ...{ version, content: text === null ? null : document(text, expires) },
});
const read = (text: string | null, version: bigint): ChosenRead => ({
  ...{ key: 'k', version, mark: contentMark(text === null ? null : document(text)) },
});

test('what speaks for a difference is looked at again, and what was written since is not', () => {
  const held = read('{"a":1}', 7n);
  assert.equal(isAlike(held, row('{"a":1}', 7n)), true);
  assert.equal(isAlike(held, row('{"a":2}', 7n)), false, 'another content of the same version');
  assert.equal(isAlike(held, row('{"a":1}', 7n, 1000)), false, 'another expiry');
  assert.equal(isAlike(held, row('{"a":1}', 6n)), false, 'an older version');
  assert.equal(isAlike(held, NO_ROW), false, 'nothing at all');
  assert.equal(isAlike(held, row(null, 7n)), false);
  assert.equal(isAlike(held, row('{"a":2}', 8n)), true, 'written since');
  assert.equal(isAlike(held, row(null, 8n)), true, 'deleted since');
  assert.equal(isAlike(read(null, 0n), NO_ROW), true);
  assert.equal(isAlike(read(null, 0n), row(null, 9n)), true, 'a tombstone says that nothing is there, too');
  assert.equal(isAlike(read(null, 0n), row('{"a":1}', 7n)), false, 'a document that Couchbase has not');
});

const ports = (given: Partial<ProofPorts> = {}): ProofPorts & { readonly again: string[] } => {
  let time = 0;
  const again: string[] = [];
  return {
    again,
    read: async () => row('{}', 7n),
    lookAgain: async ({ key }) => again.push(key) > 0,
    timely: () => true,
    circuit: new Circuit({ window: 10, failures: 5, pause: 3000, trials: 1 }),
    ...{ lanes: 1, steady: () => time++, ...given },
  };
};
const batch = (reads: number) => ({
  ...({ collection: 'c', phase: 'expand', percent: 100, figures: NO_FIGURES } as const),
  reads: Array.from({ length: reads }, (_, n) => ({ ...read('{}', 7n), key: `k${n}` })),
});

test('each read is timed, and those that may differ are looked at again', async () => {
  const given = ports({ read: async ({ key }) => row('{}', key === 'k1' ? 6n : 7n) });
  const { oracle, skipped, differences } = await proveLoad(batch(3), given);
  assert.deepEqual([callsIn(oracle.latencies), oracle.failed, skipped], [3, 0, 0]);
  assert.deepEqual(given.again, ['k1']);
  assert.equal(differences, 0, 'nothing counts before the second look');
});

test('before a backfill Oracle says fast that it has nothing: that is no proof, and no difference', async () => {
  const given = ports({ read: async ({ key }) => (key === 'k0' ? row(null, 6n) : NO_ROW) });
  const { oracle, absent } = await proveLoad(batch(3), given);
  assert.deepEqual([callsIn(oracle.latencies), absent], [1, 2]);
  assert.deepEqual(given.again, ['k0'], 'a deletion that is older is something');
  const nothing = { ...batch(1), reads: [{ key: 'k', version: 0n, mark: null }] };
  assert.equal(callsIn((await proveLoad(nothing, ports({ read: async () => NO_ROW }))).oracle.latencies), 1);
});

test('a store that fails is asked a few times, and spared the rest: it has enough to do', async () => {
  let asked = 0;
  const { oracle, skipped } = await proveLoad(
    batch(25),
    ports({
      read: async () => {
        asked++;
        throw new StoreUnavailable(TARGET, false, new Error('away'));
      },
    }),
  );
  assert.deepEqual([asked, oracle.failed, skipped], [5, 5, 20]);
});

test('a right that is missing is a failure, a document too large for an answer is none, and a mistake of ours is hidden by nothing', async () => {
  const throwing = (error: Error) => proveLoad(batch(1), ports({ read: () => Promise.reject(error) }));
  assert.equal((await throwing(new OperatorNeeded(TARGET, 'no right'))).oracle.failed, 1);
  const large = new TooLargeToRead(TARGET, { bytes: 9, version: 7n, expiresAt: null }, 1);
  assert.equal(callsIn((await throwing(large)).oracle.latencies), 1);
  await assert.rejects(throwing(new TypeError('a mistake')), TypeError);
});

test('where no time is left, the rest is skipped and no call outlives the function', async () => {
  let left = 2;
  const { oracle, skipped } = await proveLoad(batch(5), ports({ timely: () => left-- > 0 }));
  assert.deepEqual([callsIn(oracle.latencies), skipped], [2, 3]);
});
