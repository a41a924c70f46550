import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WalkPorts, walkShard } from '../../functions/runs/walk_shard.ts';
import type { ShardRow } from '../../functions/stores/oracle/ledger_rows.ts';

const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};
const KEYS = ['a', 'b', 'c', 'd'];

/** A walk over four keys in batches of one: what happens, in order, and what each act waits for. */
function walked(given: Partial<WalkPorts>, act: (key: string) => Promise<void>) {
  const events: string[] = [];
  const ports: WalkPorts = {
    keys: async ({ after }) => KEYS.filter((key) => after === null || key > after),
    sizes: async (keys) => keys.map(() => 1),
    finish: async () => void events.push('finished'),
    ...{ pace: async () => true, timely: () => true, alive: async () => {}, ...given },
  };
  const walk = walkShard(
    ROW,
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
  const { walk, events } = walked({ pace: async () => ++turns <= 2 }, () => new Promise(setImmediate));
  assert.equal(await walk, 'rest');
  assert.equal(events.at(-1), 'done b');
  assert.ok(!events.includes('prepared c'));
});

test('a batch that fails is the last one that is begun, and the walk tells why', async () => {
  const { walk, events } = walked({}, async (key) => {
    await new Promise(setImmediate);
    if (key === 'b') throw new Error('a store is away');
  });
  await assert.rejects(walk, /a store is away/);
  assert.ok(!events.includes('acts on c') && !events.includes('finished'));
});
