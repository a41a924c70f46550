/**
 * Real places with their real names, copied while writers change and delete the same documents. Every 80th city, or
 * every n-th with `CITIES=n`.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import pMap from 'p-map';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { write } from '../../functions/protocol/write.ts';
import { portOf } from '../../functions/stores/port.ts';
import { realPlaces } from '../runs/real_places.ts';
import { Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';

const EVERY = Number(process.env.CITIES ?? 80);
const WORKERS = 3;

let rig: Rig;
before(async () => {
  rig = await Rig.start({ size: 12 });
});
after(() => rig.stop());

test('real places arrive, all of them, while writers change and delete them', async () => {
  const all = realPlaces(EVERY);
  const keys = [...all.keys()];
  await pMap(all, ([key, body]) => rig.cluster.store.upsert(key, { content: document(body) }), {
    concurrency: 64,
  });
  const receipts = new Set<string>();
  const partners = (key: string) => ({
    ...{ couchbase: rig.cluster.store, oracle: rig.database.store },
    receipt: {
      send: async () => {
        receipts.add(key);
        return null;
      },
      sent: async () => true,
    },
  });
  let copying = true;
  const writer = async (seed: number) => {
    const [pick] = fc.sample(fc.infiniteStream(fc.nat()), { seed, numRuns: 1 });
    for (const number of pick as Iterable<number>) {
      if (!copying) return;
      const key = keys[number % keys.length] as string;
      const content = number % 5 === 0 ? null : document(`{"written":${number}}`);
      await perform(write('expand', { content, condition: UNCONDITIONAL }), portOf(key, partners(key)));
    }
  };
  const writers = [1, 2].map(writer);
  const run = await rig.begin(shardsFrom(keys, WORKERS * 2));
  const shards = await rig.shards(run);
  await pMap(shards, ({ shard }) => rig.work(run, shard), { concurrency: WORKERS });
  copying = false;
  await Promise.all(writers);

  for (const key of receipts) await perform(converge('expand', 0n), portOf(key, partners(key)));
  const verdicts = await pMap(keys, (key) => perform(verify('expand'), portOf(key, partners(key))), {
    concurrency: 16,
  });
  assert.deepEqual(
    keys.filter((_, n) => verdicts[n] !== 'equal'),
    [],
  );
  const rows = await rig.shards(run);
  const total = (name: 'listed' | 'failed') => rows.reduce((sum, row) => sum + row[name], 0);
  assert.equal(total('failed'), 0);
  assert.ok(
    receipts.size > 0 && total('listed') <= keys.length && total('listed') >= keys.length - receipts.size,
  );
});
