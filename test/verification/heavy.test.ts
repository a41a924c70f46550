import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pMap from 'p-map';
import type { Pair, Seen } from '../../functions/stores/snapshot.ts';
import { compareShard } from '../../functions/verification/compare_shard.ts';
import { portsToCompare } from '../../functions/verification/ports.ts';
import { LIMITS, Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';

const [SMALL, LARGE] = ['{}', JSON.stringify('x'.repeat(150_000))];

let rig: Rig;
before(async () => {
  rig = await Rig.start({});
});
after(() => rig.stop());

for (const store of ['couchbase', 'oracle'] as const)
  test(`bodies too large for one batch are compared in smaller ones: ${store} has them`, async () => {
    await fill(store);
    const run = await rig.begin([{ after: `${store}-`, upTo: `${store}-~` }], { kind: 'verify' });
    const { row, work } = await rig.take(run, 0);
    const ports = portsToCompare(rig.both, work, 'expand', 'content');
    let heaviest = 0;
    const weighed = (from: keyof Pair) => async (keys: readonly string[], most: number) => {
      const looked: readonly Seen[] = await ports[from](keys, most);
      heaviest = Math.max(
        heaviest,
        looked.reduce((sum, { body }) => sum + (body?.length ?? 0), 0),
      );
      return looked;
    };
    const weighing = { ...ports, couchbase: weighed('couchbase'), oracle: weighed('oracle') };
    const how = { phase: 'expand', mode: 'content', repair: false, most: 100 } as const;
    assert.equal(await compareShard(row, weighing, LIMITS, how), 'done');
    const [shard] = await rig.shards(run);
    assert.deepEqual([shard?.listed, shard?.applied, shard?.failed], [40, 20, 20]);
    assert.ok(heaviest > LARGE.length && heaviest <= LIMITS.bytes, `${heaviest} bytes at once`);
  });

/** Half of the documents are large in one store, which is no measure of the other. */
async function fill(store: keyof Pair): Promise<void> {
  const { cluster, database } = rig;
  await pMap(
    Array.from({ length: 40 }, (_, n) => n),
    async (n) => {
      const key = `${store}-${String(n).padStart(2, '0')}`;
      const body = (side: keyof Pair) => document(n < 20 && side === store ? LARGE : SMALL);
      const version = await cluster.store.upsert(key, { content: body('couchbase') });
      await database.store.apply(key, { content: body('oracle'), version });
    },
    { concurrency: 8 },
  );
}
