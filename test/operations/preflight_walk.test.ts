/** A preflight over many pages: what it counts, and that no one document ends it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Death, PreflightWorld, poison } from './preflight_world.ts';

const keyOf = (n: number) => `k${String(n).padStart(6, '0')}`;

test('what is found adds up over pages to what one page finds, however the walk is cut', async () => {
  const filled = () => {
    const world = new PreflightWorld().fill(2600);
    world.documents.set(keyOf(7), 'no JSON');
    world.documents.set(keyOf(900), '[1]');
    world.documents.set(keyOf(2599), '{"total":"x"}');
    world.require = (key) => {
      if (key === keyOf(2599)) throw poison(key, 'TOTAL: there is no number at total');
    };
    return world;
  };
  const whole = await filled().all();
  assert.deepEqual(
    [whole.checked, whole.refused, whole.notJson, whole.notObject, whole.largest],
    [2600, 1, 1, 1, 13],
  );
  assert.deepEqual(whole.causes, { 'oracle write in ORDERS: TOTAL: there is no number at total': 1 });
  assert.equal(whole.samples[0]?.key, keyOf(2599));
  for (const batches of [1, 2, 3]) {
    const world = filled();
    world.batches = batches;
    const { began: _, before: __, ...cut } = await world.all();
    const { began: ___, before: ____, ...rest } = whole;
    assert.deepEqual(cut, omitted(rest));
    // Each document was read once.
    assert.equal(world.read.length, 2600);
  }
});

/** Without what only the first page of a command tells. */
function omitted<Page extends { load?: unknown; durabilityProblem?: unknown }>(page: Page) {
  const { load: _, durabilityProblem: __, ...rest } = page;
  return rest;
}

test('a command that comes later goes on where the last one has stopped, and one that says anew does not', async () => {
  const world = new PreflightWorld().fill(1000);
  world.batches = 1;
  const first = await world.ask({ walk: 'resume' });
  assert.deepEqual([first.checked, first.next, first.before], [250, keyOf(249), 0]);
  const second = await world.ask({ walk: 'resume' });
  assert.deepEqual([second.checked, second.next, second.before], [500, keyOf(499), 250]);
  assert.equal(second.began, first.began);
  const anew = await world.ask({ walk: 'anew' });
  assert.deepEqual([anew.checked, anew.next, anew.before], [250, keyOf(249), 0]);
  // Who still has the old one is told.
  await assert.rejects(world.ask({ began: first.began ?? 0 }), /PREFLIGHT_OVERTAKEN/);
  // Another mapping is about other documents.
  world.mapping = '.other';
  assert.equal((await world.ask({ walk: 'resume' })).before, 0);
  // The answer that told of the end was lost: it is told again, and nothing is begun anew.
  world.batches = Number.POSITIVE_INFINITY;
  const end = await world.ask({ walk: 'resume' });
  assert.deepEqual([end.checked, end.next], [1000, null]);
  assert.deepEqual((await world.ask({ began: end.began ?? 0 })).checked, 1000);
  // The mapping has changed since: what was found of the other one is told no more.
  world.mapping = '.third';
  const third = await world.ask({ began: end.began ?? 0 });
  assert.notEqual(third.began, end.began);
  assert.equal((await world.ask({ walk: 'resume' })).before, 0);
});

test('two commands at once: the one that was overtaken writes nothing', async () => {
  const world = new PreflightWorld().fill(600);
  world.require = (key) => {
    // In the middle of its page somebody else takes the walk.
    if (key === keyOf(300) && world.walk !== null)
      world.walk = { ...world.walk, epoch: world.walk.epoch + 1 };
  };
  await assert.rejects(world.ask({ walk: 'resume' }), /PREFLIGHT_OVERTAKEN: another preflight of orders/);
  assert.equal(world.walk?.found.checked, 250);
});

test('what is told of a walk that was overtaken names the command that goes on with the same keys', async () => {
  const world = new PreflightWorld().fill(10);
  const began = (await world.ask({ walk: 'resume', prefix: 'k 1' })).began ?? 0;
  await assert.rejects(world.ask({ began: began + 1, prefix: 'k 1' }), /preflight orders --prefix "k 1"$/);
  await assert.rejects(world.ask({ began: began + 1, after: 'k' }), /preflight orders --after "k"$/);
});

test('only keys that begin so, or above a key, are looked at', async () => {
  const world = new PreflightWorld().fill(30);
  assert.equal((await world.all({ prefix: 'k00001' })).checked, 10);
  world.walk = null;
  assert.equal((await world.all({ after: keyOf(24) })).checked, 5);
  await assert.rejects(world.ask({ prefix: 'k', after: 'k', walk: 'resume' }), { name: 'BadOperation' });
});

test('a document that is read slowly, or cannot be measured, is told and counted, and the page goes on', async () => {
  const world = new PreflightWorld().fill(600);
  for (const n of [3, 599]) world.slow.set(keyOf(n), 9);
  world.unmeasured.add(keyOf(400));
  const found = await world.all();
  assert.deepEqual([found.checked, found.unread, found.refused], [600, 3, 0]);
  assert.deepEqual(
    found.samples.map(({ key, fault }) => [key, fault]),
    [keyOf(3), keyOf(400), keyOf(599)].map((key) => [key, 'unread']),
  );
  assert.match(found.samples[0]?.why ?? '', /could not be read: .*no clear answer/);
  // One that was only late is read the second time.
  const late = new PreflightWorld().fill(10);
  late.slow.set(keyOf(4), 1);
  assert.equal((await late.all()).unread, 0);
});

test('where Couchbase does not answer at all, the page fails, and the walk stands where it stood', async () => {
  const world = new PreflightWorld().fill(600);
  world.awayAt = keyOf(300);
  await assert.rejects(world.ask({ walk: 'resume' }), StoreUnavailable);
  assert.deepEqual([world.walk?.doneKey, world.walk?.found.checked], [keyOf(249), 250]);
  const silent = new PreflightWorld().fill(600);
  silent.isAway = true;
  await assert.rejects(silent.ask({ walk: 'resume' }), StoreUnavailable);
  // It is over, and nothing counts as a death.
  [world.isAway, world.awayAt] = [false, null];
  const found = await world.all();
  assert.deepEqual([found.checked, found.unread, found.refused], [600, 0, 0]);
});

test('documents that are late when time is nearly up are left to the next request, which goes on', async () => {
  const world = new PreflightWorld().fill(1000);
  world.slow.set(keyOf(300), 9);
  // Time is up while the second batch is read.
  world.batches = 2;
  const first = await world.ask({ walk: 'resume' });
  assert.deepEqual([first.checked, first.unread], [250, 0]);
  const found = await world.all();
  assert.deepEqual([found.checked, found.unread], [1000, 1]);
});

test('a document that ends its function is found after four deaths, and its neighbours are counted once', async () => {
  const world = new PreflightWorld().fill(1300);
  world.killers.add(keyOf(700));
  const found = await world.all();
  assert.equal(world.deaths, 4);
  assert.deepEqual([found.checked, found.refused], [1300, 1]);
  assert.deepEqual(
    found.samples.map(({ key, why }) => [key, why]),
    [[keyOf(700), 'its worker died of it: the process ended each time while this document was looked at']],
  );
});

test('several such documents, one after the other too, cost a bounded number of deaths', async () => {
  const world = new PreflightWorld().fill(1300);
  for (const n of [0, 1, 2, 900, 1299]) world.killers.add(keyOf(n));
  const found = await world.all();
  assert.deepEqual([found.checked, found.refused], [1300, 5]);
  assert.ok(world.deaths <= 5 * 4, `${world.deaths} deaths`);
});

test('where the functions die of one document after the other, it is not the documents: it stops, and says so', async () => {
  const world = new PreflightWorld().fill(100);
  for (let n = 10; n < 100; n++) world.killers.add(keyOf(n));
  await assert.rejects(world.all(), {
    name: 'BadOperation',
    message: /WORKERS_DIE: .*read the log of the Operate function/,
  });
  assert.ok(world.deaths <= 4 * 6, `${world.deaths} deaths`);
});

test('functions that are ended from outside, at any document, set none aside', async () => {
  const world = new PreflightWorld().fill(3000);
  for (let n = 0; n < 8; n++) {
    world.endsNext = true;
    await assert.rejects(world.ask({ walk: 'resume' }), Death);
    // The next one gets past it.
    world.batches = 1;
    await world.ask({ walk: 'resume' });
  }
  world.batches = Number.POSITIVE_INFINITY;
  assert.equal((await world.all()).refused, 0);
});

test('a document that the code fails at is told, and the page goes on', async () => {
  const world = new PreflightWorld().fill(20);
  world.require = (key) => {
    if (key === keyOf(5)) throw new RangeError('Maximum call stack size exceeded');
  };
  const found = await world.all();
  assert.deepEqual([found.checked, found.refused], [20, 1]);
  assert.match(found.samples[0]?.why ?? '', /the code fails at it \(RangeError\)/);
});

test('documents that no answer can carry are counted, also those that nobody can read', async () => {
  const world = new PreflightWorld();
  const text = (unit: string, times: number) => `"${unit.repeat(times)}"`;
  world.documents.set('a/fits', text('x', 6_000_000));
  world.documents.set('b/long', text('x', 6_300_000));
  // Each quote is two bytes in the answer, and one more.
  world.documents.set('c/quotes', text('\\"', 2_500_000));
  world.documents.set('d/bytes', new Uint8Array(4_720_000).fill(255));
  world.documents.set('e/unreadable', '');
  world.sizes.set('e/unreadable', 20 * 1024 * 1024);
  const found = await world.all();
  assert.deepEqual([found.checked, found.tooLarge, found.refused], [5, 4, 1]);
  assert.deepEqual(
    found.samples.filter(({ fault }) => fault === 'too-large').map(({ key }) => key),
    ['b/long', 'c/quotes', 'd/bytes', 'e/unreadable'],
  );
  assert.ok(!world.read.includes('e/unreadable'));
});

test('documents that were too large count until a later walk has come to its end', async () => {
  const world = new PreflightWorld().fill(600);
  world.sizes.set(keyOf(500), 20 * 1024 * 1024);
  assert.equal((await world.all()).tooLarge, 1);
  world.sizes.clear();
  world.batches = 1;
  await world.ask({ walk: 'anew' });
  assert.deepEqual([world.walk?.found.tooLarge, world.walk?.largeBefore], [0, 1]);
  await world.ask({ walk: 'anew' });
  assert.equal(world.walk?.largeBefore, 1);
  world.batches = Number.POSITIVE_INFINITY;
  await world.all();
  assert.deepEqual([world.walk?.state, world.walk?.found.tooLarge], ['done', 0]);
  await world.ask({ walk: 'anew' });
  assert.equal(world.walk?.largeBefore, 0);
});

test('a console of the version before adds pages up by itself, and nothing is kept of them', async () => {
  const world = new PreflightWorld().fill(600);
  world.slow.set(keyOf(3), 9);
  world.batches = 1;
  const first = await world.ask();
  assert.deepEqual([first.checked, first.refused, first.next], [250, 1, keyOf(249)]);
  const second = await world.ask({ after: first.next });
  assert.deepEqual([second.checked, second.refused, second.load], [250, 0, undefined]);
  assert.equal(world.walk, null);
});
