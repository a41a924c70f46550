/** What a worker does in its turns on a shard: how fast it goes, what it sets aside and repairs, and when it may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../functions/records/run.ts';
import { OperatorNeeded, StoreUnavailable } from '../../functions/stores/failure.ts';
import { RUN, World } from './shard_world.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'c', key: null } as const;
const away = () => new StoreUnavailable(TARGET, true, new Error('it is away'));

test('after a store did not answer, the next shards of this container go at half the pace', async () => {
  const world = new World();
  const limits: number[] = [];
  let fails: Error | null = new Error('no store');
  const worker = world.worker(async (job) => {
    limits.push(job.limits.documents);
    await job.turn(10);
    if (fails !== null) throw fails;
    return 'done';
  });
  await assert.rejects(world.deliver(worker));
  fails = away();
  await assert.rejects(world.deliver(worker));
  fails = null;
  await world.deliver(worker);
  // 250 is the most, and 2 seconds of the pace of 100 documents a second are 200.
  assert.deepEqual(limits, [200, 200, 100]);
  assert.deepEqual(world.claims, [10, 10, 20]);
});

test('batches that take much longer than those before go at half the pace, and waiting is none of their time', async () => {
  const world = new World();
  const worker = world.worker(async ({ turn }) => {
    for (const took of [100, 100, 1000, 100]) {
      world.pace = 60_000;
      const granted = await turn(10);
      world.now += took;
      await granted?.over();
    }
    return 'done';
  });
  await world.deliver(worker);
  assert.deepEqual(world.claims, [10, 10, 10, 20]);
  assert.equal(world.metrics.get('DocumentsWalked'), 40);
});

test('a batch that waited for the one before is not taken for a slow one', async () => {
  const world = new World();
  await world.work(async ({ turn }) => {
    const first = await turn(10);
    world.now += 100;
    await first?.over();
    // Both are granted; the second is acted on once the first is done.
    const [second, third] = [await turn(10), await turn(10)];
    world.now += 250;
    await second?.over();
    world.now += 100;
    await third?.over();
    await turn(10);
    return 'done';
  });
  assert.deepEqual(world.claims, [10, 10, 10, 10]);
});

test('what is set aside is in the queue at once, and has its letter after its batch', async () => {
  const world = new World();
  const finding = (key: string) =>
    ({ key, verdict: 'poison', kind: 'poison', detail: 'too large', seen: null }) as const;
  await world
    .work(async ({ turn, setAside }) => {
      const granted = await turn(2);
      await setAside(finding('a'));
      await setAside(finding('b'));
      world.did.push('batch written');
      await granted?.over();
      const next = await turn(1);
      await next?.over();
      await turn(1);
      await setAside(finding('c'));
      throw away();
    })
    .catch(() => {});
  assert.deepEqual(world.did, [
    'take',
    'bury a run: r, shard 0: too large',
    'bury b run: r, shard 0: too large',
    'batch written',
    'letter a',
    'letter b',
    // Its worker dies before the batch is written: a sweep writes the letter, and the redelivery sets it aside again.
    'bury c run: r, shard 0: too large',
  ]);
  assert.equal(world.metrics.get('DocumentsSetAside'), 3);
});

test('what operators have chosen to leave out is counted apart, and only of a backfill', async () => {
  for (const [kind, counted] of [
    ['backfill', 'UnstorableLeftOut'],
    ['copyback', 'DocumentsSetAside'],
  ] as const) {
    const world = Object.assign(new World(), { run: { ...RUN, kind }, chosen: true });
    await world.work(async ({ setAside }) => {
      await setAside({ key: 'a', verdict: 'poison', kind: 'poison', detail: 'no number', seen: null });
      return 'done';
    });
    assert.equal(world.metrics.get(counted), 1);
    assert.equal(world.did.includes('bury a run: r, shard 0: no number'), kind === 'copyback');
  }
});

test('a task that is gone stops its worker between two batches', async () => {
  const world = Object.assign(new World(), { goneFrom: 4 });
  await world.walk(async () => {});
  assert.deepEqual(
    world.did.filter((each) => each !== 'act d'),
    ['take', 'act a', 'act b', 'act c'],
  );
  assert.deepEqual(world.handedOn, []);
});

test('a repair looks at the phase first, and fails where its receipt cannot be sent', async () => {
  const world = new World();
  await world.work(async ({ repair }) => {
    await repair('a');
    world.receiptsFail = true;
    await assert.rejects(repair('b'), /A receipt could not be sent/);
    world.phase = 'seal';
    await repair('c');
    return 'done';
  });
  assert.deepEqual(world.did.slice(0, 3), ['take', 'receipt a run', 'receipt b run']);
  assert.match(world.did[3] ?? '', /^failed PhaseChanged: /);
});

test('a run that changes a store fails behind another store, and a verification that only compares goes on', async () => {
  const other = () => Promise.reject(new OperatorNeeded(TARGET, 'IDENTITY_CHANGED'));
  const endOf = async (run: Pick<Run, 'kind' | 'options'>) => {
    const world = Object.assign(new World(), { identity: other, run: { ...RUN, ...run } });
    await world.work(async ({ permit }) => {
      await permit();
      return 'done';
    });
    return world.did.at(-1);
  };
  for (const run of [
    { kind: 'backfill', options: {} },
    { kind: 'copyback', options: { back: 'changed' } },
    { kind: 'verify', options: { mode: 'content', repair: true } },
  ] as const)
    assert.match((await endOf(run)) ?? '', /^failed OperatorNeeded: .*IDENTITY_CHANGED/, run.kind);
  for (const repair of [{ repair: false }, {}])
    assert.equal(
      await endOf({ kind: 'verify', options: { mode: 'content', ...repair } }),
      'done {"shard":0}',
    );
});

test('leave to act ends a while after the look at the phase, and before the function does', async () => {
  const world = new World();
  await world.work(async (job) => {
    const early = await job.permit();
    assert.deepEqual([early.timely(), early.holds()], [true, true]);
    world.now += 15_499;
    assert.deepEqual([early.timely(), early.holds()], [true, true]);
    world.now += 1;
    assert.deepEqual([early.timely(), early.holds()], [false, false]);
    // Three calls of 4.5 seconds no longer fit.
    world.now = 300_000 - 13_501;
    const late = await job.permit();
    assert.deepEqual([late.timely(), late.holds()], [true, true]);
    world.now++;
    assert.deepEqual([late.timely(), late.holds()], [false, true]);
    return 'done';
  });
  assert.equal(world.did.at(-1), 'done {"shard":0}');
});
