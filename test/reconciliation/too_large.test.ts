/** The receipt of a document that is too large to be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable, TooLargeToRead } from '../../functions/stores/failure.ts';
import { TARGET, World } from './receipt_world.ts';

const TARGET_OF_COUCHBASE = { ...TARGET, store: 'couchbase' } as const;

test('a document that is too large to be read is measured from the second delivery on, and set aside; its store is not away', async () => {
  const world = new World();
  const hung = new StoreUnavailable(TARGET_OF_COUCHBASE, false, new Error('AmbiguousTimeoutError'));
  world.couchbase = {
    ...world.stores.couchbase,
    read: () => Promise.reject(hung),
    readMeasured: (_, most) =>
      Promise.reject(
        new TooLargeToRead(TARGET_OF_COUCHBASE, { bytes: 20_971_520, version: 1n, expiresAt: null }, most),
      ),
  };
  assert.match((await world.work()) ?? '', /AmbiguousTimeoutError/);
  assert.equal(await world.work({ deliveries: 2, messageId: 'n' }), null);
  assert.deepEqual(world.did.slice(-1), [
    'set aside k write: a body of 20971520 bytes is above what can be moved, 20970496. Split it',
  ]);
  // Where operators leave such out, it is no letter.
  world.leftByChoice = true;
  await world.work({ deliveries: 2, messageId: 'o' });
  assert.equal(world.metrics.at(-1), 'UnstorableLeftOut');
});
