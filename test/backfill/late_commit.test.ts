/** A batch of copies that takes so long that the phase may have gone on when its commit is due. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyPorts } from '../../functions/backfill/copy_shard.ts';
import { Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';

test('a batch that has begun in time is committed, though no other could begin', async (t) => {
  const rig = await Rig.start();
  t.after(() => rig.stop());
  await rig.cluster.store.upsert('last', { content: document('1') });
  const run = await rig.begin([{ after: null, upTo: null }]);
  let begun = 0;
  // The function's time is running out: what is left is enough for the commit, and for no batch.
  await rig.work(run, 0, (ports) => ports, { timely: () => begun++ === 0, holds: () => true });
  assert.equal((await rig.database.store.read('last')).version > 0n, true);
});

test('a batch that comes to its commit after the look at the phase has lapsed takes no effect', async (t) => {
  const rig = await Rig.start();
  t.after(() => rig.stop());
  const held = document('{"n":1}');
  await rig.cluster.store.upsert('late', { content: held });
  const run = await rig.begin([{ after: null, upTo: null }]);
  let lapsed = false;
  const slow = (ports: CopyPorts): CopyPorts => ({
    ...ports,
    // The copies are in the transaction already.
    apply: (copies, step, unfit) =>
      ports.apply(
        copies,
        async (...found) => {
          lapsed = true;
          return step(...found);
        },
        unfit,
      ),
  });
  const worker = rig.work(run, 0, slow, { timely: () => true, holds: () => !lapsed });
  await assert.rejects(worker, /was not committed/);
  assert.ok(lapsed);
  const [row] = await rig.shards(run);
  assert.deepEqual([row?.listed, row?.doneKey], [0, null]);
  assert.equal((await rig.database.store.read('late')).version, 0n);
  // The next worker repeats it.
  assert.equal(await rig.work(run, 0), 'done');
  assert.equal((await rig.database.store.read('late')).content?.digest, held.digest);
});
