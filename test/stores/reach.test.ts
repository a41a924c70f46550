import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperatorNeeded, StoreUnavailable } from '../../functions/stores/failure.ts';
import { OutOfTime, Reach } from '../../functions/stores/reach.ts';

const TARGET = { store: 'oracle', operation: 'read', collection: 'ORDERS', key: null } as const;
const silent = () => Promise.reject(new StoreUnavailable(TARGET, false, new Error('away')));

test('while nobody knows whether a store answers, it is asked one question at a time', async () => {
  const reach = new Reach(() => true);
  let [asking, most] = [0, 0];
  const question = async () => {
    most = Math.max(most, ++asking);
    await new Promise(setImmediate);
    asking--;
    throw new StoreUnavailable(TARGET, false, new Error('away'));
  };
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => reach.ask('oracle', question)));
  assert.equal(most, 1);
  assert.ok(all.every(({ status }) => status === 'rejected'));
  assert.equal(reach.isAway('oracle'), true);
  // Another store is another question.
  assert.equal(await reach.ask('couchbase b', async () => 1), 1);
});

test('one collection whose questions are never answered keeps no other from being looked at', async () => {
  const reach = new Reach(() => true);
  for (let n = 0; n < 10; n++) {
    await assert.rejects(reach.ask('oracle', silent), StoreUnavailable);
    assert.equal(await reach.ask('oracle', async () => n), n);
  }
  // A refusal is an answer.
  const refused = () => Promise.reject(new OperatorNeeded(TARGET, 'no such table'));
  for (let n = 0; n < 3; n++) {
    await assert.rejects(reach.ask('oracle', silent), StoreUnavailable);
    await assert.rejects(reach.ask('oracle', refused), OperatorNeeded);
  }
  assert.equal(reach.isAway('oracle'), false);
  await assert.rejects(reach.ask('oracle', silent), StoreUnavailable);
  await assert.rejects(reach.ask('oracle', silent), StoreUnavailable);
  const never = () => Promise.reject(new Error('asked'));
  await assert.rejects(reach.ask('oracle', never), StoreUnavailable);
});

test('nothing is asked once time is up', async () => {
  const reach = new Reach(() => false);
  await assert.rejects(
    reach.ask('oracle', () => Promise.reject(new Error('asked'))),
    OutOfTime,
  );
});
