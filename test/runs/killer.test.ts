/** Documents that end the process of their worker: found, set aside, and at a bounded cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALONE, beginAttempt, MOST_IN_ROW, MOST_LOST } from '../../functions/runs/attempts.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { type Deed, KillingWorld, keyOf } from './killing_world.ts';

const done = ({ row, ended, buried, deaths }: KillingWorld) => ({
  ...{ ended, buried, deaths, listed: row.listed, failed: row.failed },
});

test('a document that ends its worker, whatever it does with it, is set aside after four deaths, and the rest is copied', async () => {
  // Also the first key of all, the last, and one of a batch that was read ahead.
  for (const deed of ['measure', 'read', 'apply'] as const)
    for (const at of [0, 300, 699]) {
      const world = await new KillingWorld(700, { [keyOf(at)]: deed }).work();
      const buried = [keyOf(at)];
      const expected = { ended: 'done', buried, listed: 700, failed: 1 };
      const { deaths, ...found } = done(world);
      assert.deepEqual(found, expected, `${deed} ${at}`);
      assert.equal(deaths, 4, `${deed} ${at}`);
      assert.deepEqual(
        world.findings.map(({ key, verdict }) => [key, verdict]),
        [[keyOf(at), 'poison']],
      );
      assert.match(world.findings[0]?.detail ?? '', /^its worker died of it/);
    }
});

test('four deaths for each document that is alone, two for each that is near another', async () => {
  const far = Object.fromEntries([100, 1100, 2100].map((n) => [keyOf(n), 'read' as Deed]));
  assert.deepEqual(done(await new KillingWorld(2500, far).work()), {
    ...{ ended: 'done', buried: Object.keys(far), deaths: 12, listed: 2500, failed: 3 },
  });
  const near = Object.fromEntries(
    [100, 102, 104, 106, 108, 110, 400].map((n) => [keyOf(n), 'apply' as Deed]),
  );
  assert.deepEqual(done(await new KillingWorld(1000, near).work()), {
    ...{ ended: 'done', buried: Object.keys(near).sort(), deaths: 16, listed: 1000, failed: 7 },
  });
});

test('where every document ends its worker, few are set aside, and the run fails with the reason; resumed, it goes on', async () => {
  const all = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [keyOf(n), 'read' as Deed]));
  const world = await new KillingWorld(1000, all).work();
  assert.match(world.ended ?? '', /^WorkersDie: The workers have died of 5 documents in a row.*key "00005"/);
  assert.deepEqual([world.buried.length, world.deaths], [MOST_IN_ROW, 2 + 2 * MOST_IN_ROW + 2]);
  world.kills.clear();
  world.ended = null;
  await world.work();
  assert.deepEqual([world.ended, world.row.listed, world.row.failed], ['done', 1000, MOST_IN_ROW]);
  const every = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [keyOf(2 * n), 'read' as Deed]));
  const half = await new KillingWorld(2000, every).work();
  assert.match(half.ended ?? '', /^WorkersDie: The workers have died of 100 documents of this shard/);
  assert.equal(half.buried.length, MOST_LOST);
});

test('a worker that dies before it touches a document blames none: its message is a dead letter', async () => {
  const world = await new KillingWorld(1000, { [keyOf(900)]: 'list' }).work();
  assert.deepEqual([world.ended, world.deaths, world.buried], ['dead letter', 5, []]);
});

test('however many workers have died at one place, the first key that one dies of alone is not set aside yet', () => {
  const died = {
    epoch: 2000,
    working: true,
    deaths: 1999,
    suspected: false,
    at: 'j',
    touching: 'k',
    alone: 500,
  };
  const { attempt, killer } = beginAttempt({ ...died, row: 0, lost: 0 }, { doneKey: 'j' }, 2001, false);
  assert.deepEqual([killer, attempt.suspected], [null, true]);
  const again = { ...attempt, touching: 'k' };
  assert.equal(beginAttempt(again, { doneKey: 'j' }, 2002, false).killer, 'k');
  assert.equal(beginAttempt(again, { doneKey: 'jj' }, 2002, false).killer, null, 'it has got further since');
});

test('workers that stop in good order, or whose store is away, are no deaths', async () => {
  const world = new KillingWorld(1000, {});
  const away = new StoreUnavailable(
    { store: 'oracle', operation: 'apply', collection: 'c', key: null },
    true,
    null,
  );
  let failures = 50;
  world.fails = () => (failures-- > 0 ? away : null);
  await world.work();
  assert.deepEqual(done(world), { ended: 'done', buried: [], deaths: 0, listed: 1000, failed: 0 });
  assert.equal(world.attempts.rows.get('r 0')?.deaths, 0);
});

test('two workers that died of something else make the next batches slow, and set nothing aside', async () => {
  const world = new KillingWorld(2000, { [keyOf(700)]: 'read' });
  world.onDeath = () => world.deaths === 2 && world.kills.clear();
  await world.work();
  assert.deepEqual([world.ended, world.deaths, world.buried, world.row.listed], ['done', 2, [], 2000]);
  assert.equal(world.attempts.rows.get('r 0')?.alone, 0, `${ALONE} keys were worked on one by one`);
});

test('workers that are ended from outside, each at another key, blame none of them', async () => {
  const world = new KillingWorld(1000, { [keyOf(100)]: 'read' });
  world.onDeath = () => {
    world.kills.clear();
    if (world.deaths < 5) world.kills.set(keyOf(100 + 7 * world.deaths), 'read');
  };
  await world.work();
  assert.deepEqual([world.deaths, world.buried, world.findings], [5, [], []]);
});

test('a document that makes its worker fail in a way that nobody has foreseen is set aside, too', async () => {
  const world = new KillingWorld(1000, {});
  world.fails = (key) => (key === keyOf(420) ? new RangeError('Maximum call stack size exceeded') : null);
  await world.work();
  assert.deepEqual(done(world), { ended: 'done', buried: [keyOf(420)], deaths: 0, listed: 1000, failed: 1 });
});

test('a verification that dies of a document has a difference', async () => {
  const world = new KillingWorld(1000, { [keyOf(3)]: 'read' });
  world.run = { ...world.run, kind: 'verify' };
  await world.work();
  assert.deepEqual(
    world.findings.map(({ key, verdict, kind }) => [key, verdict, kind]),
    [[keyOf(3), 'mismatch', 'poison']],
  );
});

test('what an operator has left out gets no letter again: a backfill counts it, and a verification knows it', async () => {
  for (const [kind, verdict] of [
    ['backfill', 'poison'],
    ['verify', 'left out'],
  ] as const) {
    const world = new KillingWorld(500, { [keyOf(3)]: 'read' });
    world.run = { ...world.run, kind };
    world.leftOut.add(keyOf(3));
    await world.work();
    assert.deepEqual([world.ended, world.buried, world.row.failed], ['done', [], 1]);
    assert.equal(world.findings[0]?.verdict, verdict);
  }
});
