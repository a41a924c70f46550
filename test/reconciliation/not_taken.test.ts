/** Receipts of keys that the collection does not take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Received } from '../../functions/reconciliation/receipt_worker.ts';
import { Selection } from '../../functions/stores/selection.ts';
import { document } from '../stores/contract/subject.ts';
import { World } from './receipt_world.ts';

test('a receipt of a key that nobody is to have asks for nothing; one of another collection’s key is set aside, unless a feed has told of it', async () => {
  const selection = new Selection({ include: ['k'], ignore: ['_sync:*'] });
  const calm = async (given: Partial<Received>) => {
    const world = Object.assign(new World(), { selection });
    for (const key of ['_sync:1', 'other', 'k'])
      await world.stores.couchbase.upsert(key, { content: document('1') });
    assert.equal(await world.work(given), null);
    const rows = await Promise.all(['_sync:1', 'other'].map((key) => world.stores.oracle.read(key, {})));
    assert.deepEqual(
      rows.map(({ content }) => content),
      [null, null],
    );
    return world;
  };
  for (const body of ['_sync:1 write', '_sync:1 run'])
    for (const feed of [true, false])
      assert.deepEqual((await calm({ body, feed })).metrics, ['ReceiptsNotTaken', 'ReceiptsSettled']);
  assert.deepEqual((await calm({ body: 'other write', feed: true })).metrics, [
    'ReceiptsNotTaken',
    'ReceiptsSettled',
  ]);
  const buried = await calm({ body: 'other write' });
  assert.deepEqual(buried.metrics, ['ReceiptsBuried']);
  assert.match(buried.did.join(), /set aside other write.*KEY_NOT_TAKEN: no pattern of keys\.include/);
  assert.deepEqual((await calm({ body: 'k write' })).metrics, ['ReceiptsSettled', 'Repairs']);
});
