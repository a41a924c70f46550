/** What operators are told of moves that wait for them, and how often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../functions/control/condition.ts';
import type { Stepped } from '../../functions/control/seen.ts';
import {
  AGAIN,
  type Notice,
  type NoticePorts,
  type Told,
  tellOperators,
} from '../../functions/operations/notices.ts';
import { stepped, World } from './round_world.ts';

const BAKE: Condition = { name: 'bake', holds: true, measured: 'it is over' };
const HELD: Condition = {
  kind: 'hold',
  name: 'hold',
  holds: false,
  measured: 'held by ann',
  command: 'npx crossfade commit orders',
};
const CLOSED: Condition = { kind: 'window', name: 'window', holds: false, measured: 'it is closed' };

function waiting(conditions: readonly Condition[], collection = 'orders', version = 3): Stepped {
  const { decision, ...rest } = stepped(collection, 'expand', 'wait');
  return {
    ...rest,
    version,
    told: true,
    decision: { ...decision, to: 'seal', conditions } as Stepped['decision'],
  };
}

function telling(steps: Stepped[], over: Partial<NoticePorts> = {}) {
  const sent: Notice[] = [];
  const unsent: number[] = [];
  const kept = new Map<string, Told>();
  const clock = { now: 1000 };
  const ports: NoticePorts = {
    deployment: '/x',
    publish: async (notice) => void sent.push(notice),
    told: async (collection) => kept.get(collection) ?? null,
    keep: async (collection, told) => void kept.set(collection, told),
    ...{ now: () => clock.now, timely: () => true, warn: () => {} },
    count: (metric, value) => {
      if (metric === 'NoticesUnsent') unsent.push(value);
    },
    ...over,
  };
  return { sent, unsent, kept, clock, look: () => tellOperators(steps, ports) };
}

test('a move that is ready and held is told once, with what was measured and the command, and again after a day', async () => {
  const world = telling([waiting([BAKE, HELD])]);
  await world.look();
  await world.look();
  assert.equal(world.sent.length, 1);
  assert.deepEqual(world.sent[0], {
    subject: 'Crossfade: orders is ready for seal',
    message: [
      'READY: orders is ready for the move from expand to seal, of the deployment /x.',
      'It waits: held by ann.',
      'To let it through: npx crossfade commit orders',
      'What was measured:',
      '- bake: it is over',
      '- hold: held by ann',
    ].join('\n'),
  });
  world.clock.now += AGAIN - 1;
  await world.look();
  assert.equal(world.sent.length, 1);
  world.clock.now += 1;
  await world.look();
  assert.equal(world.sent.length, 2);
  assert.deepEqual(world.unsent, [0, 0, 0, 0]);
});

test('one that waits for a window alone says when, and how it is kept from beginning', async () => {
  const world = telling([waiting([BAKE, CLOSED])]);
  await world.look();
  assert.match(
    world.sent[0]?.message ?? '',
    /It waits: it is closed\.\n.*For it not to begin: npx crossfade hold orders\n/,
  );
});

test('of a window that never opens nobody is told that the move begins by itself', async () => {
  const command = 'npx crossfade commit orders --outside-window';
  for (const beside of [[], [HELD]]) {
    const world = telling([waiting([BAKE, ...beside, { ...CLOSED, command }])]);
    await world.look();
    assert.match(
      world.sent[0]?.message ?? '',
      /\nTo let it through: npx crossfade commit orders --outside-window\n/,
    );
    assert.doesNotMatch(world.sent[0]?.message ?? '', /by itself/);
  }
});

test('another move, or the same one after it was gone back, is told anew', async () => {
  const steps = [waiting([HELD])];
  const world = telling(steps);
  await world.look();
  steps[0] = waiting([HELD], 'orders', 5);
  await world.look();
  assert.equal(world.sent.length, 2);
});

test('nothing is told of a move that waits for its gate, of one that nobody holds, nor where nobody is named', async () => {
  const gate = { ...BAKE, holds: false };
  const unheld = telling([waiting([gate, HELD]), waiting([gate]), { ...waiting([HELD]), told: false }]);
  await unheld.look();
  assert.deepEqual(unheld.sent, []);
  const alone = telling([waiting([HELD])], { publish: null, told: () => assert.fail('SSM is asked') });
  await alone.look();
  assert.deepEqual(alone.unsent, []);
});

test('a move that was made is told, with who and why', async () => {
  const moved = {
    from: 'expand',
    to: 'seal',
    by: 'controller',
    at: 1,
    why: 'hold: committed by ben',
  } as const;
  const world = telling([{ ...stepped('orders', 'expand'), told: true, moved }]);
  await world.look();
  assert.match(
    world.sent[0]?.message ?? '',
    /^MOVED: orders has moved from expand to seal, .*\n.*plan orders\nWhy: hold: committed by ben$/,
  );
});

test('where the topic takes nothing, one is tried and all are counted; the next look tells them', async () => {
  let [tried, away] = [0, true];
  const publish = async () => {
    tried++;
    if (away) throw new Error('SNS is away');
  };
  const steps = ['a', 'b', 'c'].map((name) => waiting([HELD], name));
  const world = telling(steps, { publish });
  await world.look();
  assert.deepEqual([tried, world.unsent], [1, [3]]);
  away = false;
  await world.look();
  assert.deepEqual([tried, world.unsent], [4, [3, 0]]);
  // What was told cannot be read: it may have been told, and is not told again and again.
  const unread = telling(steps, { told: () => Promise.reject(new Error('SSM is away')) });
  await unread.look();
  assert.deepEqual([unread.sent, unread.unsent], [[], [3]]);
});

test('what waits for an operator or a window alone is no move that is late', async () => {
  const world = new World();
  world.steps = [
    waiting([HELD]),
    waiting([{ ...BAKE, holds: false }, HELD]),
    stepped('items', 'expand', 'wait'),
  ];
  assert.equal(await world.measured('MoveWaiting'), 2);
  assert.equal(await world.measured('MovesReady'), 1);
});
