import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import pMap from 'p-map';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { Overtaken, type ShardRow } from '../../functions/records/run.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Death, mortal, Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';

const ALL = { after: null, upTo: null };
const COUNT = 300;

let rig: Rig;
before(async () => {
  rig = await Rig.start({ size: 8 });
});
after(() => rig.stop());

const keyOf = (prefix: string, n: number) => `${prefix}-${String(n).padStart(4, '0')}`;
/** The range of keys that begin with a prefix. */
const within = (prefix: string) => ({ after: `${prefix}-`, upTo: `${prefix}.` });

/** Some are counters or texts, which are no JSON to every Oracle. */
const bodyOf = (n: number) => [`{"n":${n}}`, `${n}`, `"${n}"`][n % 3] ?? '';

async function fill(prefix: string, count = COUNT): Promise<void> {
  await pMap(
    Array.from({ length: count }, (_, n) => n),
    (n) => rig.cluster.store.upsert(keyOf(prefix, n), { content: document(bodyOf(n)) }),
    { concurrency: 32 },
  );
}

const sum = (rows: readonly ShardRow[], name: 'listed' | 'applied' | 'stale' | 'gone' | 'failed') =>
  rows.reduce((total, row) => total + row[name], 0);

async function same(prefix: string, count = COUNT): Promise<void> {
  for (let n = 0; n < count; n++) {
    const [held, row] = await Promise.all([
      rig.cluster.store.read(keyOf(prefix, n)),
      rig.database.store.read(keyOf(prefix, n)),
    ]);
    assert.deepEqual(
      [row.content?.digest, row.version],
      held.cas === 0n ? [undefined, row.version] : [held.content?.digest, held.version],
      keyOf(prefix, n),
    );
  }
}

test('a run copies every document once, and its shards say so', async () => {
  await fill('plain');
  const sample = Array.from({ length: 50 }, (_, n) => keyOf('plain', n * 6));
  const run = await rig.begin(shardsFrom(sample, 4));
  for (const { shard } of await rig.shards(run)) assert.equal(await rig.work(run, shard), 'done');
  const rows = await rig.shards(run);
  assert.deepEqual(
    rows.map(({ state }) => state),
    ['done', 'done', 'done', 'done'],
  );
  assert.deepEqual([sum(rows, 'listed'), sum(rows, 'applied'), sum(rows, 'failed')], [COUNT, COUNT, 0]);
  await same('plain');
  // A second run finds everything there.
  const again = await rig.begin([within('plain')]);
  await rig.work(again, 0);
  const [row] = await rig.shards(again);
  assert.deepEqual([row?.applied, row?.stale], [0, COUNT]);
});

test('a shard that is worked on again when it is done is left alone', async () => {
  await fill('done', 30);
  const run = await rig.begin([within('done')]);
  await rig.work(run, 0);
  assert.equal(await rig.work(run, 0), 'done');
  assert.equal((await rig.shards(run))[0]?.listed, 30);
});

test('workers that die anywhere, delivered twice each time, lose nothing and count nothing twice', async () => {
  await fill('mortal');
  const run = await rig.begin([within('mortal')]);
  let deaths = 0;
  // Each life is a few calls long, so that most of them see a batch or two.
  for (let calls = 0; (await rig.shards(run))[0]?.state !== 'done'; calls = (calls * 7 + 3) % 11) {
    const both = await Promise.allSettled([
      rig.work(run, 0, (ports) => mortal(ports, calls)),
      rig.work(run, 0, (ports) => mortal(ports, calls + 5)),
    ]);
    for (const { reason } of both.filter((each) => each.status === 'rejected')) {
      assert.ok(reason instanceof Death || reason instanceof Overtaken, String(reason));
      deaths++;
    }
    assert.ok(deaths < 2000, 'it comes to an end');
  }
  const rows = await rig.shards(run);
  assert.deepEqual([sum(rows, 'listed'), sum(rows, 'applied')], [COUNT, COUNT]);
  await same('mortal');
  assert.ok(deaths >= 25, `${deaths} deaths`);
});

test('a worker that was overtaken does nothing more', async () => {
  await fill('overtaken', 60);
  const run = await rig.begin([within('overtaken')]);
  await assert.rejects(
    rig.work(run, 0, (ports) => ({
      ...ports,
      read: async (keys, most) => {
        await rig.ledger.take(run, 0, Date.now());
        return ports.read(keys, most);
      },
    })),
    Overtaken,
  );
  const [row] = await rig.shards(run);
  assert.deepEqual([row?.listed, row?.doneKey], [0, null]);
  assert.equal((await rig.database.store.read(keyOf('overtaken', 0))).version, 0n);
});

test('documents that change, go and come while they are copied are as Couchbase has them, or newer', async () => {
  await fill('live');
  const run = await rig.begin([within('live')]);
  const { store } = rig.cluster;
  let turn = 0;
  await rig.work(run, 0, (ports) => ({
    ...ports,
    read: async (keys, most) => {
      const read = await ports.read(keys, most);
      // Between the read and the copy: an update that reaches Oracle first, a deletion, and a creation behind the cursor.
      const [updated, deleted] = [keys[0] ?? '', keys[1] ?? ''];
      const content: Content = document(`{"turn":${turn++}}`);
      const version = await store.upsert(updated, { content: content as Content & object });
      await rig.database.store.apply(updated, { content, version });
      const removed = await store.remove(deleted);
      await rig.database.store.apply(deleted, { content: null, version: removed ?? 0n });
      return read;
    },
  }));
  await same('live');
  const [row] = await rig.shards(run);
  assert.equal(row?.stale, 2 * turn);
});

test('a document that goes between its listing and its reading is counted as gone', async () => {
  await fill('gone', 20);
  const run = await rig.begin([within('gone')]);
  await rig.work(run, 0, (ports) => ({
    ...ports,
    careful: true,
    sizes: async (keys) => {
      await rig.cluster.store.remove(keys[3] ?? '');
      const sizes = await ports.sizes(keys);
      await rig.cluster.store.remove(keys[4] ?? '');
      return sizes;
    },
  }));
  const [row] = await rig.shards(run);
  assert.deepEqual([row?.listed, row?.applied, row?.gone], [20, 18, 2]);
});

test('what can never be copied is set aside with the reason, counted, and stops nothing', async () => {
  await fill('poison', 10);
  const large = keyOf('poison', 4);
  // As a legacy client can, and Crossfade never does: exactly the size that no lookup survives.
  await rig.cluster.collection.upsert(large, Buffer.alloc(20 * 1024 * 1024, 'x'), {
    transcoder: {
      encode: (bytes: Buffer): [Buffer, number] => [bytes, 0x02000006],
      decode: (bytes: Buffer) => bytes,
    },
    timeout: 20_000,
  });
  const run = await rig.begin([within('poison')]);
  // Whoever reads it without measuring it dies; the next one is careful.
  assert.equal(await rig.work(run, 0, (ports) => ({ ...ports, careful: true })), 'done');
  const [row] = await rig.shards(run);
  assert.deepEqual([row?.listed, row?.applied, row?.failed], [10, 9, 1]);
  assert.match(rig.setAside.at(-1)?.detail ?? '', /20971520 bytes is above what can be moved.*Split it/);
  assert.equal(rig.setAside.at(-1)?.key, large);
  await rig.cluster.store.remove(large);
});

test('time that is up, and a store that is away, leave the shard where its last batch left it', async () => {
  await fill('late', 100);
  const run = await rig.begin([within('late')]);
  let batches = 0;
  assert.equal(await rig.work(run, 0, (ports) => ({ ...ports, timely: () => batches++ < 3 })), 'rest');
  const [row] = await rig.shards(run);
  assert.deepEqual([row?.listed, row?.doneKey, row?.state], [40, keyOf('late', 39), 'open']);
  const away = new StoreUnavailable(
    { store: 'couchbase', operation: 'read', collection: 'c', key: null },
    false,
    'x',
  );
  const failing = rig.work(run, 0, (ports) => ({ ...ports, read: () => Promise.reject(away) }));
  await assert.rejects(failing, StoreUnavailable);
  assert.equal((await rig.shards(run))[0]?.listed, 40);
  assert.equal(await rig.work(run, 0), 'done');
  assert.equal((await rig.shards(run))[0]?.listed, 100);
});

test('two runs of one collection cannot overlap, and a run that has ended makes room', async () => {
  const run = (id: string) =>
    ({
      id,
      kind: 'backfill',
      collection: 'overlap',
      options: {},
      stamp: 's',
      phase: 'expand',
      started: 1,
    }) as const;
  assert.equal(await rig.ledger.begin(run('o-1'), [ALL]), null);
  assert.deepEqual(await rig.ledger.begin(run('o-2'), [ALL]), run('o-1'));
  assert.deepEqual(await rig.ledger.running('o-1'), run('o-1'));
  assert.deepEqual(
    [await rig.ledger.end('o-1', 'clean', 5), await rig.ledger.end('o-1', 'clean', 6)],
    [true, false],
  );
  assert.equal(await rig.ledger.running('o-1'), null);
  assert.equal(await rig.ledger.begin(run('o-2'), [ALL]), null);
  assert.equal(await rig.ledger.take('o-2', 1, 0), null);
});

test('a key whose row a forced move has left handed off is asked to be taken back, once, with all of its batch, and no other', async () => {
  await fill('handed', 6);
  const [first, second] = [keyOf('handed', 1), keyOf('handed', 4)];
  for (const key of [first, second])
    await rig.database.store.write(key, {
      content: document('1'),
      condition: { kind: 'none' },
      handedOff: false,
    });
  await rig.database.store.apply(keyOf('handed', 2), { content: document('2'), version: 2n ** 63n });
  const run = await rig.begin([within('handed')]);
  const asked: string[] = [];
  // The transaction of the batch waits for the requests, so they must not wait for each other.
  const repair = async (key: string) => {
    asked.push(key);
    await setImmediate();
    assert.equal(asked.length, 2, 'both are asked for in the same turn');
  };
  assert.equal(await rig.work(run, 0, (ports) => ({ ...ports, repair })), 'done');
  assert.deepEqual(asked, [first, second]);
  const [row] = await rig.shards(run);
  assert.deepEqual([row?.applied, row?.stale], [3, 3]);
});
