/** What becomes of the receipt of a read that was sampled: it counts what both stores hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { PhaseUnknown } from '../../functions/phases/phase_cache.ts';
import { document } from '../stores/contract/subject.ts';
import { World } from './receipt_world.ts';

test('a read that was sampled counts what both stores held', async () => {
  const world = new World();
  const body = 'k read';
  await world.work({ body });
  await world.stores.couchbase.upsert('k', { content: document('1') });
  await world.work({ body });
  assert.deepEqual(world.metrics, [
    ...['ReceiptsSettled', 'ShadowReadsEqual'],
    ...['ReceiptsSettled', 'ShadowReadsDifferent', 'Repairs'],
  ]);
  // For the proof of load; where Oracle cannot take the note, the read counts all the same.
  assert.equal(world.did.filter((each) => each.startsWith('difference')).length, 1);
  const away = Object.assign(new World(), { noteFails: true });
  await away.stores.couchbase.upsert('k', { content: document('1') });
  assert.equal(await away.work({ body }), null);
  assert.equal(away.metrics[1], 'ShadowReadsDifferent');
  assert.match(away.logs.join(), /warn LOAD_PROOF_UNSAVED: a difference could not be written down/);
});

test('a sampled read in a settle that follows contract is behind, and a difference where the phase is unknown', async () => {
  for (const [known, metric] of [
    [true, 'ShadowReadsBehind'],
    [false, 'ShadowReadsDifferent'],
  ] as const) {
    const world = new World();
    await world.stores.oracle.apply('k', { content: document('1'), version: 5n });
    let looks = 0;
    world.phase = async () => {
      if (looks++ > 0 && !known) throw new PhaseUnknown();
      return { ...INITIAL_PHASE, phase: 'settle', followsContract: true };
    };
    assert.equal(await world.work({ body: 'k read' }), null);
    assert.deepEqual([looks, world.metrics[1]], [2, metric]);
    assert.equal(
      world.did.some((each) => each.startsWith('difference')),
      !known,
    );
  }
});

test('a sampled read in expand is behind as long as not everything was copied, and a difference where nobody can tell', async () => {
  for (const [copied, metric] of [
    [async () => false, 'ShadowReadsBehind'],
    [async () => true, 'ShadowReadsDifferent'],
    [() => Promise.reject(new Error('Oracle is away')), 'ShadowReadsDifferent'],
  ] as const) {
    const world = Object.assign(new World(), { copied });
    await world.stores.couchbase.upsert('k', { content: document('1') });
    assert.equal(await world.work({ body: 'k read' }), null);
    assert.deepEqual(world.metrics, ['ReceiptsSettled', metric, 'Repairs']);
  }
});
