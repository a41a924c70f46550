/** Keys that a walk lists and does not take: none is looked at, and each is counted once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Passed, ShardRow } from '../../functions/records/run.ts';
import type { PassedOver } from '../../functions/runs/batches.ts';
import { LISTED, passedIn } from '../../functions/runs/passed.ts';
import { type WalkPorts, walkShard } from '../../functions/runs/walk_shard.ts';

const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};
const TURN = { over: async () => {} };
const permit = async () => ({ timely: () => true, holds: () => true });

/** What each batch and each pass writes down: up to which key, and what was passed over by then. */
async function sieved(keys: readonly string[], given: Partial<WalkPorts> = {}, row = ROW) {
  const written: [to: string, ignored: number, elsewhere: number][] = [];
  const note = (to: string, { ignored, elsewhere }: Passed) => void written.push([to, ignored, elsewhere]);
  const kind = { '-': 'ignored', '+': 'elsewhere' } as const;
  const ports: WalkPorts = {
    keys: async ({ after }, limit) => keys.filter((key) => after === null || key > after).slice(0, limit),
    sizes: async (some) => some.map(() => 1),
    finish: async () => {},
    sieve: {
      of: (key) => kind[key.slice(-1) as keyof typeof kind] ?? 'taken',
      pass: async (to, passed) => note(to, passed),
    },
    ...{ turn: async () => TURN, permit, timely: () => true, careful: false, ...given },
  };
  const looked: string[] = [];
  const end = await walkShard(
    row,
    ports,
    { documents: 2, bytes: 100 },
    {
      prepare: async (batch) => void looked.push(...batch.map(({ key }) => key)),
      act: async (batch) => note(batch.at(-1)?.key ?? '', passedIn(batch)),
    },
  );
  return { written, looked, end };
}

test('keys that are not taken are passed over: each is counted once, with the batch before which it lay, or by itself at the end', async () => {
  const keys = ['a-', 'b', 'c+', 'd-', 'e', 'f', 'g+', 'h+'];
  for (const careful of [true, false]) {
    const { written, looked } = await sieved(keys, { careful });
    assert.deepEqual(looked, ['b', 'e', 'f']);
    assert.deepEqual(written, [
      ['e', 2, 1],
      ['f', 0, 0],
      ['h+', 0, 2],
    ]);
  }
  const alone = { keys: 4, touch: async () => {} };
  const { written, looked } = await sieved(keys, { alone });
  assert.deepEqual([looked.length, written.at(0), written.at(-1)], [3, ['b', 1, 0], ['h+', 0, 2]]);
  // A worker that goes on after a batch counts again what it lists again, and no more.
  const on = await sieved(keys, {}, { ...ROW, doneKey: 'e' });
  assert.deepEqual(on.written, [
    ['f', 0, 0],
    ['h+', 0, 2],
  ]);
});

test('pages without a key to take move the shard on, however many there are, and stop where time is up', async () => {
  const keys = Array.from({ length: 2500 }, (_, n) => `k${String(n).padStart(5, '0')}-`);
  const { written, end } = await sieved(keys);
  assert.deepEqual(
    [written.map(([to, ignored]) => [to, ignored]), end],
    [
      [
        ['k00999-', 1000],
        ['k01999-', 1000],
        ['k02499-', 500],
      ],
      'done',
    ],
  );
  let turns = 0;
  const late = await sieved(keys, { turn: async () => (++turns > 1 ? null : TURN) });
  assert.deepEqual([late.written.length, late.end], [1, 'rest']);
});

test('keys in which both stores agree by their lists are counted with the batch after them, and take a small part of the pace', async () => {
  const keys = ['a', ...Array.from({ length: 50 }, (_, n) => `b${n + 10}`), 'c', 'd', 'e'];
  const [turns, passed]: [number[], PassedOver[]] = [[], []];
  const { looked } = await sieved(keys, {
    turn: async (documents) => {
      turns.push(documents);
      return TURN;
    },
    sieve: {
      of: (key) => (key < 'b' || key === 'c' ? 'taken' : 'alike'),
      pass: async (_, over) => void passed.push(over),
    },
  });
  assert.deepEqual(looked, ['a', 'c']);
  assert.deepEqual(turns, [2 + Math.ceil(50 / LISTED), 1]);
  assert.deepEqual(passed, [{ ignored: 0, elsewhere: 0, alike: 2 }]);
});

test('where every key is taken nothing is written beside the batches', async () => {
  const { written } = await sieved(['a', 'b', 'c']);
  assert.deepEqual(written, [
    ['b', 0, 0],
    ['c', 0, 0],
  ]);
});
