import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShardRow } from '../../functions/records/run.ts';
import { type WalkPorts, walkShard } from '../../functions/runs/walk_shard.ts';
import { TooHeavy } from '../../functions/stores/failure.ts';

const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};
const KEYS = ['a', 'b', 'c', 'd'];
const TURN = { over: async () => {} };
const permit = async () => ({ timely: () => true, holds: () => true });

/** A walk over four keys in batches of one: what happens, in order, and what each act waits for. */
function walked(given: Partial<WalkPorts>, act: (key: string) => Promise<void>, row = ROW) {
  const events: string[] = [];
  const ports: WalkPorts = {
    keys: async ({ after }) => KEYS.filter((key) => after === null || key > after),
    sizes: async (keys) => keys.map(() => 1),
    finish: async () => void events.push('finished'),
    ...{ turn: async () => TURN, permit, timely: () => true, careful: true, ...given },
  };
  const walk = walkShard(
    row,
    ports,
    { documents: 1, bytes: 100 },
    {
      prepare: async ([each]) => {
        events.push(`prepared ${each?.key}`);
        return each?.key ?? '';
      },
      act: async (_, key) => {
        events.push(`acts on ${key}`);
        await act(key);
        events.push(`done ${key}`);
      },
    },
  );
  return { walk, events };
}

test('while one batch is acted on, the next is prepared; they are acted on one after the other, in their order', async () => {
  const { walk, events } = walked({}, () => new Promise(setImmediate));
  assert.equal(await walk, 'done');
  const place = (event: string) => events.indexOf(event);
  for (const [before, key] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
  ] as const) {
    assert.ok(place(`prepared ${key}`) < place(`done ${before}`));
    assert.ok(place(`done ${before}`) < place(`acts on ${key}`));
  }
  assert.deepEqual(events.slice(-2), ['done d', 'finished']);
});

test('whoever runs out of time ends the batch that is under way, and begins no other', async () => {
  let turns = 0;
  const { walk, events } = walked(
    { turn: async () => (++turns <= 2 ? TURN : null) },
    () => new Promise(setImmediate),
  );
  assert.equal(await walk, 'rest');
  assert.equal(events.at(-1), 'done b');
  assert.ok(!events.includes('prepared c'));
});

test('without time for another batch a shard is not finished, however its bodies are measured', async () => {
  for (const careful of [true, false]) {
    const none = walked({ turn: async () => null, careful }, async () => {});
    assert.deepEqual([await none.walk, none.events], ['rest', []]);
    // One look at the time for the page, and one for each of its batches.
    let left = 5;
    const late = walked({ timely: () => left-- > 0, careful }, async () => {});
    assert.equal(await late.walk, 'rest');
    assert.equal(late.events.at(-1), 'done d');
  }
});

test('a shard is gone on with after the last key that is done, and one that is done is not walked along', async () => {
  const done = async (row: ShardRow) => {
    const { walk, events } = walked({}, async () => {}, row);
    assert.equal(await walk, 'done');
    return events.filter((event) => /^done|^finished/.test(event));
  };
  assert.deepEqual(await done({ ...ROW, after: 'a', doneKey: 'c' }), ['done d', 'finished']);
  assert.deepEqual(await done({ ...ROW, after: 'b' }), ['done c', 'done d', 'finished']);
  assert.deepEqual(await done({ ...ROW, state: 'done' }), []);
});

test('what fails while a batch is prepared, or acted on long before it is awaited, ends the walk', async () => {
  const unprepared = walkShard(
    ROW,
    {
      ...{ keys: async () => KEYS, sizes: async () => [], finish: async () => {}, turn: async () => TURN },
      ...{ permit, timely: () => true, careful: false },
    },
    { documents: 1, bytes: 100 },
    { prepare: () => Promise.reject(new Error('a store is away')), act: async () => {} },
  );
  await assert.rejects(unprepared, /a store is away/);
  const turn = async () => {
    // Long enough for a rejection that nobody awaits to be told of.
    for (let n = 0; n < 3; n++) await new Promise(setImmediate);
    return TURN;
  };
  const { walk } = walked({ turn }, () => Promise.reject(new Error('it does not act')));
  await assert.rejects(walk, /it does not act/);
});

test('a batch that fails is the last one that is begun, and the walk tells why', async () => {
  const { walk, events } = walked({}, async (key) => {
    await new Promise(setImmediate);
    if (key === 'b') throw new Error('a store is away');
  });
  await assert.rejects(walk, /a store is away/);
  assert.ok(!events.includes('acts on c') && !events.includes('finished'));
});

/** A walk over so many keys, in batches of 500: what was listed and done, in order. */
function paged(count: number, list: (page: number) => Promise<void>) {
  const all = Array.from({ length: count }, (_, n) => String(n).padStart(5, '0'));
  const events: string[] = [];
  const ports: WalkPorts = {
    keys: async ({ after }, limit) => {
      const start = after === null ? 0 : all.indexOf(after) + 1;
      events.push(`lists from ${start}`);
      await list(start / limit);
      return all.slice(start, start + limit);
    },
    sizes: async (keys) => keys.map(() => 1),
    finish: async () => void events.push('finished'),
    ...{ turn: async () => TURN, permit, timely: () => true, careful: true },
  };
  const acts = {
    prepare: async () => null,
    act: async (batch: readonly { key: string }[]) => {
      await new Promise(setImmediate);
      events.push(`did ${batch[0]?.key} to ${batch.at(-1)?.key}`);
    },
  };
  return { walk: walkShard(ROW, ports, { documents: 500, bytes: 1_000_000 }, acts), events };
}

test('while a page of keys is gone through, the next one is listed; none is after a short one', async () => {
  const { walk, events } = paged(2300, async () => {});
  assert.equal(await walk, 'done');
  const lists = events.filter((event) => event.startsWith('lists'));
  assert.deepEqual(lists, ['lists from 0', 'lists from 1000', 'lists from 2000']);
  assert.ok(events.indexOf('lists from 1000') < events.indexOf('did 00000 to 00499'));
  const done = events.filter((event) => event.startsWith('did'));
  assert.deepEqual(done.at(-1), 'did 02000 to 02299');
  assert.equal(done.length, 5);
});

test('a page that cannot be listed is told of once its turn has come', async () => {
  const { walk, events } = paged(2300, async (page) => {
    if (page === 1) throw new Error('the index is away');
  });
  await assert.rejects(walk, /the index is away/);
  assert.equal(events.at(-1), 'did 00500 to 00999');
});

/** A walk over 1,300 documents of these sizes, each batch's documents and whether they were measured, in order. */
async function weighed(sizeOf: (n: number) => number, careful: boolean, documents = 250) {
  const all = Array.from({ length: 1300 }, (_, n) => String(n).padStart(5, '0'));
  const batches: { readonly documents: number; readonly bytes: number }[] = [];
  const [measured, done]: [string[], string[]] = [[], []];
  let heavy = 0;
  const size = (key: string) => sizeOf(Number(key));
  const ports: WalkPorts = {
    keys: async ({ after }, limit) => {
      const start = after === null ? 0 : all.indexOf(after) + 1;
      return all.slice(start, start + limit);
    },
    sizes: async (keys) => {
      measured.push(...keys);
      return keys.map(size);
    },
    finish: async () => {},
    ...{ turn: async () => TURN, permit, timely: () => true, careful },
  };
  const acts = {
    prepare: async (batch: readonly { readonly key: string }[], most: number) => {
      const bytes = batch.reduce((sum, { key }) => sum + size(key), 0);
      if (bytes <= most) return bytes;
      heavy++;
      throw new TooHeavy();
    },
    act: async (batch: readonly { readonly key: string }[], bytes: number) => {
      batches.push({ documents: batch.length, bytes });
      done.push(...batch.map(({ key }) => key));
    },
  };
  assert.equal(await walkShard(ROW, ports, { documents, bytes: 100_000 }, acts), 'done');
  assert.deepEqual(done, all, 'each once, in order');
  return { batches, measured: measured.length, heavy };
}

test('nobody measures small documents, and whoever is careful measures all', async () => {
  const small = await weighed(() => 100, false);
  assert.deepEqual([small.measured, small.heavy], [0, 0]);
  assert.deepEqual(
    small.batches.map(({ documents }) => documents),
    [250, 250, 250, 250, 250, 50],
  );
  assert.equal((await weighed(() => 100, true)).measured, 1300);
  const large = await weighed(() => 90_000, true);
  assert.equal(large.heavy, 0, 'what was measured is read once');
});

test('documents of middle size are taken fewer at a time; large ones are measured, as long as there are any', async () => {
  const middle = await weighed(() => 2000, false);
  assert.equal(middle.measured, 0);
  assert.ok(middle.batches.every(({ bytes }) => bytes <= 100_000));
  assert.ok(middle.heavy <= 3, `${middle.heavy} batches were read in vain`);
  const eight = await weighed(() => 12_000, false, 128);
  assert.deepEqual([eight.measured, eight.batches[0]?.documents], [0, 8]);
  const easier = await weighed((n) => (n < 1000 ? 2000 : 100), false);
  assert.deepEqual(
    easier.batches.slice(-5).map(({ documents }) => documents),
    [60, 60, 60, 60, 60],
    'the next page begins with larger batches',
  );
  const large = await weighed((n) => (n < 1000 ? 90_000 : 100), false);
  assert.equal(large.measured, 1000, 'the next page is of small ones again');
  assert.ok(large.batches.every(({ bytes }) => bytes <= 100_000));
  assert.ok(large.heavy <= 3, `${large.heavy} batches were read in vain`);
});

test('one document that is larger than a batch goes by itself', async () => {
  const { batches } = await weighed((n) => (n === 500 ? 150_000 : 100), false);
  assert.ok(batches.some(({ documents, bytes }) => documents === 1 && bytes === 150_000));
  assert.ok(batches.every(({ documents, bytes }) => documents === 1 || bytes <= 100_000));
});
