import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import { summarize } from '../../functions/runs/summary.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { compareShard } from '../../functions/verification/compare_shard.ts';
import { portsToCompare } from '../../functions/verification/ports.ts';
import { LIMITS, Rig } from '../runs/rig.ts';

let rig: Rig;
before(async () => {
  rig = await Rig.start({});
});
after(() => rig.stop());

/** What a verification by version of all keys comes to, in the phase; the receipts that it asks for are in `rig.repairs`. */
async function verified(phase: Phase, mode: 'version' | 'count' = 'version'): Promise<string> {
  rig.repairs.length = 0;
  const run = await rig.begin([{ after: null, upTo: null }], { kind: 'verify', phase, options: { mode } });
  const { row, work } = await rig.take(run, 0);
  const how = { phase, mode, repair: false, most: 10 } as const;
  assert.equal(await compareShard(row, portsToCompare(rig.both, work, phase, mode), LIMITS, how), 'done');
  return run;
}

/** Handles the receipt of a key, and those that it leads to. */
async function settled(key: string, phase: Phase): Promise<void> {
  const receipts: Receipt[] = [{ collection: 'c', key, phase, cause: 'run', expired: 0n }];
  const send = async (receipt: Receipt) => receipts.push(receipt) > 0;
  for (const receipt of receipts) await settle(receipt, phase, rig.both, send, () => true);
}

async function markedAt(key: string): Promise<bigint> {
  const cas = await rig.cluster.store.swap(key, { cas: 0n, content: null, version: null });
  return cas ?? assert.fail();
}

test('a marker whose receipt was never sent is found by a verification, counted, and goes', async () => {
  const { cluster, database } = rig;
  const cas = await markedAt('deleted');
  await database.store.apply('deleted', { content: null, version: cas });
  const run = await verified('seal');
  assert.equal((await rig.shards(run))[0]?.failed, 1, 'a suspect, until it has gone');
  assert.deepEqual((await rig.ledger.totals(run)).markers, { count: 1, oldest: Number(cas / 1_000_000n) });
  assert.deepEqual(rig.repairs, ['deleted']);
  await settled('deleted', 'seal');
  assert.equal((await cluster.store.read('deleted')).cas, 0n);
  assert.deepEqual((await rig.ledger.totals(await verified('seal'))).markers, { count: 0, oldest: null });
});

test('a marker that somebody has touched is found in legacy, too, and goes', async () => {
  const { cluster } = rig;
  const cas = await markedAt('touched');
  await markedAt('younger');
  await cluster.collection.touch('touched', 1000);
  const counted = await verified('legacy', 'count');
  const run = await verified('legacy');
  assert.deepEqual(rig.repairs, ['touched', 'younger']);
  for (const key of rig.repairs.slice()) await settled(key, 'legacy');
  assert.equal((await cluster.store.read('touched')).cas, 0n);
  const told = async (id: string) =>
    (await summarize((await rig.ledger.run(id)) ?? assert.fail(), rig, Date.now())).verified?.markers;
  assert.deepEqual(await told(run), { count: 2, oldest: Number(cas / 1_000_000n) });
  assert.equal(await told(counted), undefined, 'from a list of keys nobody sees what lies under them');
});
