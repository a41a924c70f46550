import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byUtf8 } from '../../functions/protocol/order.ts';
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import { cutsIn, plan, tooLarge } from '../../functions/runs/plan.ts';
import { summaryOf } from '../../functions/runs/summary.ts';
import { totalsOf } from './totals.ts';

const ALL = { after: null, upTo: null };
const request = (range: Shard, shards: number | null) => ({ range, shards });
const portsOver = (all: readonly string[], timely = () => true) => ({
  keys: async (shard: Shard, limit: number) => all.filter((key) => contains(shard, key)).slice(0, limit),
  sizes: async (keys: readonly string[]) => keys.map(() => 100),
  sample: async () => all.filter((_, n) => n % 7 === 0),
  timely,
});

test('shards hold every key of the range once, and nothing outside', async () => {
  const keys = fc
    .uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 60 })
    .map((all) => all.sort(byUtf8));
  await fc.assert(
    fc.asyncProperty(
      keys,
      fc.option(fc.string({ minLength: 1, maxLength: 2 })),
      fc.integer({ min: 1, max: 9 }),
      async (all, after, count) => {
        const range = { after, upTo: null };
        const { shards, forecast } = await plan(request(range, count), portsOver(all), 100, 300);
        for (const key of all)
          assert.equal(shards.filter((shard) => contains(shard, key)).length, contains(range, key) ? 1 : 0);
        assert.equal(forecast.documents, all.filter((key) => contains(range, key)).length);
        assert.ok(shards.length <= count);
      },
    ),
  );
});

test('a forecast tells documents, bytes, and the time that they take at the pace', async () => {
  const all = Array.from({ length: 12_000 }, (_, n) => `k${String(n).padStart(6, '0')}`);
  const { forecast, shards } = await plan(request(ALL, 4), portsOver(all), 100, 60);
  assert.deepEqual(
    [forecast.documents, forecast.complete, forecast.bytes, forecast.seconds],
    [12_000, true, 1_200_000, 120],
  );
  assert.deepEqual(forecast.requests, { stateTransitions: 10, messages: 12, invocations: 8 });
  const held = shards.map((shard) => all.filter((key) => contains(shard, key)).length);
  assert.deepEqual(
    held.map((count) => Math.abs(count - 3000) < 100),
    [true, true, true, true],
  );
  // Where versions are compared by lists, few documents are looked at. There is nothing to compare where one store is written alone.
  const listed = { ...portsOver(all), lists: async () => true };
  const [both, one] = [true, false].map((compares) => plan(request(ALL, 4), listed, 100, 60, compares));
  assert.deepEqual([(await both)?.forecast.seconds, (await one)?.forecast.seconds], [6, 120]);
  assert.deepEqual([(await one)?.forecast.lists, forecast.lists], [true, undefined]);
  const paused = await plan(request(ALL, null), portsOver(all), 0, 60);
  assert.deepEqual([paused.forecast.seconds, paused.shards.length], [null, 1]);
});

/** A collection of so many documents, whose bodies are as large as they are far behind in the order of the keys. */
function many(count: number) {
  const all = Array.from({ length: count }, (_, n) => String(n).padStart(6, '0'));
  const ports = {
    keys: async ({ after }: Shard, limit: number) => {
      const from = after === null ? 0 : Number(after) + 1;
      return all.slice(from, from + limit);
    },
    sizes: async (keys: readonly string[]) => {
      assert.ok(keys.length <= 200, `${keys.length} bodies were measured`);
      return keys.map(Number);
    },
    sample: async () => all,
    timely: () => true,
  };
  return ports;
}

test('cuts of a large collection are chosen from some of its keys, fair along their order, and so are those that are measured', async () => {
  const { shards, forecast } = await plan(request(ALL, 4), many(45_000), 100, 60);
  const cuts = shards.flatMap(({ upTo }) => (upTo === null ? [] : Number(upTo)));
  assert.deepEqual(
    cuts.map((cut) => Math.round(cut / 1125)),
    [10, 20, 30],
  );
  // Of 45,000 keys every fourth is kept: no more than 20,000 at any time.
  assert.ok(
    cuts.every((cut) => cut % 4 === 0),
    cuts.join(),
  );
  assert.ok(Math.abs(forecast.bytes / 45_000 - 22_500) < 500, `${forecast.bytes} bytes`);
});

test('a shard holds 50,000 documents where nobody says how many shards there should be', async () => {
  assert.equal((await plan(request(ALL, null), many(50_000), 100, 60)).shards.length, 1);
  assert.equal((await plan(request(ALL, null), many(50_001), 100, 60)).shards.length, 2);
});

test('what is not counted is estimated by the share of the sample up to the last key that was', async () => {
  const ports = { ...many(20_000), timely: () => false };
  const at = async (...sample: readonly number[]) => {
    const keys = sample.map((n) => String(n).padStart(6, '0'));
    return (await plan(request(ALL, 1), { ...ports, sample: async () => keys }, 100, 60)).forecast.documents;
  };
  assert.equal(await at(1000, 4999, 5000, 9000, 12_000, 18_000), 15_000);
  assert.equal(await at(4000), 5000);
  assert.equal(await at(), 5000, 'never fewer than were counted');
});

test('a collection that cannot be counted in time is estimated from a sample, and cut by it', async () => {
  const all = Array.from({ length: 20_000 }, (_, n) => `k${String(n).padStart(6, '0')}`);
  let pages = 0;
  const ports = portsOver(all, () => pages++ < 1);
  const { forecast, shards } = await plan(request(ALL, 2), ports, 100, 60);
  assert.equal(forecast.complete, false);
  assert.ok(Math.abs(forecast.documents - 20_000) < 200, `${forecast.documents}`);
  const held = shards.map((shard) => all.filter((key) => contains(shard, key)).length);
  assert.deepEqual(
    held.map((count) => Math.abs(count - 10_000) < 200),
    [true, true],
  );
});

test('a shard that is far larger than it was to be is cut where it stands', () => {
  const all = Array.from({ length: 1000 }, (_, n) => `k${String(n).padStart(6, '0')}`);
  const row = {
    ...{ shard: 0, after: null, upTo: 'k000900', doneKey: 'k000100', state: 'open' as const, changed: 0 },
    ...{ listed: 100_000, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
  };
  assert.deepEqual([tooLarge(row, 0), tooLarge({ ...row, listed: 99_999 }, 0)], [true, false]);
  assert.equal(tooLarge({ ...row, state: 'done' }, 0), false);
  // Where it could not be cut, that is tried again once it has doubled.
  const tried = (before: number, listed: number) => tooLarge({ ...row, listed }, before);
  assert.deepEqual(
    [tried(100_000, 199_999), tried(100_000, 200_000), tried(199_999, 200_000)],
    [false, true, true],
  );
  assert.deepEqual([tried(200_000, 399_999), tried(50, 3_000_000)], [false, true]);
  const cuts = cutsIn(row, all);
  assert.equal(cuts.length, 7);
  assert.ok(cuts.every((cut) => cut > 'k000100' && cut < 'k000900'));
  assert.deepEqual(cutsIn(row, all.slice(0, 110)), []);
  // Two keys of the sample for each piece are enough.
  assert.deepEqual([cutsIn(row, all.slice(0, 116)).length, cutsIn(row, all.slice(0, 117)).length], [0, 7]);
});

const RUN = { id: 'r', kind: 'backfill' } as const;

test('success is computed from the rows of the shards, and from nothing else', () => {
  const row = (state: 'open' | 'done', failed = 0) => ({
    ...{ shard: 0, after: null, upTo: null, doneKey: null, state, changed: 0 },
    ...{ listed: 2, applied: 2 - failed, stale: 0, gone: 0, failed, bytes: 5 },
  });
  assert.equal(summaryOf(RUN, totalsOf([row('done'), row('done')])).outcome, 'clean');
  assert.equal(summaryOf(RUN, totalsOf([row('done', 1), row('done')])).outcome, 'failures');
  assert.equal(summaryOf(RUN, totalsOf([row('done', 1), row('open')])).outcome, 'unfinished');
  assert.equal(summaryOf(RUN, totalsOf([])).outcome, 'unfinished');
});
