import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { compareShard } from '../../functions/verification/compare_shard.ts';
import { portsToCompare } from '../../functions/verification/ports.ts';
import { LIMITS, Rig } from '../runs/rig.ts';

let rig: Rig;
before(async () => {
  rig = await Rig.start({});
});
after(() => rig.stop());

test('a marker whose receipt was never sent is found by a verification, and goes', async () => {
  const { cluster, database } = rig;
  const cas = await cluster.store.swap('deleted', { cas: 0n, content: null, version: null });
  assert.ok(cas !== null);
  await database.store.apply('deleted', { content: null, version: cas });
  const run = await rig.begin([{ after: null, upTo: null }], { kind: 'verify', phase: 'seal' });
  const { row, work } = await rig.take(run, 0);
  const how = { phase: 'seal', mode: 'version', repair: false, most: 10 } as const;
  assert.equal(
    await compareShard(row, portsToCompare(rig.both, work, 'seal', 'version'), LIMITS, how),
    'done',
  );
  assert.equal((await rig.shards(run))[0]?.failed, 1, 'a suspect, until it has gone');
  assert.deepEqual(rig.repairs, ['deleted']);
  const first: Receipt = { collection: 'c', key: 'deleted', phase: 'seal', cause: 'run', expired: 0n };
  const receipts = [first];
  const send = async (receipt: Receipt) => receipts.push(receipt) > 0;
  for (const receipt of receipts) await settle(receipt, 'seal', rig.both, send, () => true);
  assert.equal((await cluster.store.read('deleted')).cas, 0n);
});
