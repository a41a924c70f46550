/** How many messages letters count, whatever workers, sweeps and operators do at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { discard, redrive } from '../../functions/operations/dead_letters.ts';
import { sweep } from '../../functions/operations/sweep.ts';
import type { Letter } from '../../functions/records/letter.ts';
import { Death, Desk } from './desk.ts';

const HOUR = 3_600_000;
const dies = (error: unknown) => assert.ok(error instanceof Death);

const doing = fc.record({
  what: fc.constantFrom(
    ...(['aside', 'aside', 'write', 'write', 'die', 'give up', 'sweep'] as const),
    'redrive',
    'discard',
    'pass',
  ),
  name: fc.constantFrom('a', 'b', 'long'),
  /** For a sweep: calls until it dies. */
  lives: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Number.POSITIVE_INFINITY)),
  /** For a sweep: turns until its time is up. */
  turns: fc.constantFrom(1, 2, 100),
  time: fc.constantFrom(1, 1000, 25_000, 61_000, 200_000, 7 * 24 * HOUR),
  /** For a sweep: which messages it sees first. */
  newest: fc.boolean(),
  /** Whether it happens in the middle of the next sweep. */
  meanwhile: fc.boolean(),
});

test('letters never count more messages than there are, and are right at last, whatever workers and operators do at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(doing, { maxLength: 25 }), async (all) => {
      const desk = new Desk([], []);
      const halves: (() => void)[] = [];
      for (const { what, name, lives, turns, newest, time, meanwhile } of all) {
        const at = desk.time + time;
        const worker = {
          aside: () => halves.push(desk.setAside(name)),
          write: () => halves.shift()?.(),
          die: () => halves.pop(),
          'give up': () => desk.bury(name, null),
          pass: () => desk.pass(Math.max(0, at - desk.time)),
        } as Record<string, () => void>;
        const act = worker[what];
        if (act !== undefined && meanwhile) desk.meanwhile.push(act);
        else if (act !== undefined) act();
        else {
          desk.lives = lives;
          desk.newestFirst = newest;
          let left = turns;
          const ports = { ...desk.ports(), timely: () => left-- > 0 };
          await (what === 'redrive'
            ? redrive({}, ports)
            : what === 'discard'
              ? discard({}, ports)
              : sweep(ports)
          ).catch(dies);
        }
        desk.requireEnough();
      }
      for (const act of desk.meanwhile.splice(0)) act();
      desk.lives = Number.POSITIVE_INFINITY;
      desk.pass(HOUR);
      await sweep(desk.ports());
      assert.deepEqual([...new Set(desk.queued)].sort(), desk.queued.sort(), 'one message of each');
      for (const body of desk.queued)
        assert.ok(desk.open.includes(body), `${body} has a message and no letter`);
      for (const body of desk.due) assert.ok(desk.open.includes(body), `${body} is lost`);
      assert.equal(desk.unread, 0);
    }),
    { numRuns: 1000 },
  );
});

test('what is redriven as soon as it was set aside is gone, and what its worker writes later is counted once', async () => {
  const desk = new Desk([], []);
  for (const _ of [1, 2, 3]) desk.setAside('a')();
  const late = desk.setAside('a');
  assert.equal((await redrive({}, desk.ports())).done, 1);
  assert.deepEqual([desk.open, desk.queued, desk.unread], [[], ['a'], 1]);
  late();
  assert.deepEqual([desk.open, desk.queued, desk.unread], [['a'], ['a'], 0]);
});

test('a redrive that has not seen all messages leaves those that are still to be counted', async () => {
  const desk = new Desk([], []);
  desk.setAside('a')();
  desk.pass(HOUR);
  for (const _ of [1, 2]) desk.setAside('a')();
  const late = desk.setAside('a');
  desk.newestFirst = true;
  let turns = 1;
  // 1 It sees the newest, and one of them is not counted yet. 2 Another sweep deletes the oldest. 3 The newest is counted.
  assert.equal((await redrive({}, { ...desk.ports(), timely: () => turns-- > 0 })).done, 1);
  desk.pass(70_000);
  await sweep(desk.ports());
  late();
  desk.requireEnough();
  assert.deepEqual(desk.open, ['a']);
});

test('a redrive that sees fewer messages than its letter counts leaves those that are still to be counted', async () => {
  const desk = new Desk([], []);
  for (const _ of [1, 2]) desk.setAside('a')();
  desk.pass(HOUR);
  // Another reader has hidden both, so that the queue seems to have no more than this one.
  for (const message of desk.messages) message.hidden = true;
  const late = desk.setAside('a');
  assert.equal((await redrive({}, desk.ports())).done, 1);
  desk.pass(70_000);
  await sweep(desk.ports());
  late();
  desk.requireEnough();
  assert.deepEqual([desk.open, desk.queued, desk.unread], [['a'], ['a'], 0]);
});

test('what was sent 14 days ago is counted by no letter, since SQS has forgotten it', async () => {
  const desk = new Desk([], []);
  desk.setAside('a')();
  desk.pass(13 * 24 * HOUR);
  desk.setAside('a')();
  desk.setAside('b')();
  desk.pass(24 * HOUR);
  assert.deepEqual([desk.queued, desk.unread], [['a', 'b'], 1]);
  await sweep(desk.ports());
  assert.deepEqual([desk.queued, desk.unread], [['a', 'b'], 0]);
});

test('a letter counts no more than a complete sweep has seen', async () => {
  const desk = new Desk([], []);
  for (const _ of [1, 2, 3]) desk.setAside('a')();
  // An operator moves them by hand.
  desk.messages.splice(1);
  desk.requireEnough = () => {};
  desk.pass(HOUR);
  await sweep(desk.ports());
  assert.equal(desk.counted([...desk.letters.values()][0] as Letter), 1);
  assert.equal(desk.unread, 0);
});

test('counts are corrected as messages are received, so that the time for these is the time for all', async () => {
  // Letters of the version before count nothing.
  const names = ['a', 'b', 'c', 'd', 'e'];
  const desk = new Desk(names, names);
  const ports = desk.ports();
  const done: string[] = [];
  const noted =
    <A extends unknown[], R>(name: string, act: (...args: A) => R) =>
    (...args: A) => {
      done.push(name);
      return act(...args);
    };
  let turns = 2;
  await sweep({
    ...{ ...ports, timely: () => turns-- > 0 },
    ...{ receive: noted('receive', ports.receive), recount: noted('recount', ports.recount) },
  });
  const three = ['recount', 'recount', 'recount'];
  assert.deepEqual(done, ['receive', ...three, 'receive', ...three.slice(1)]);
  assert.equal(desk.unread, 0);
});

test('a message about a document that is left out, sent as late as it may be, opens no letter again; after a write it does', async () => {
  const desk = new Desk([], []);
  desk.setAside('a')();
  // The operator discards it, and a message that was sent just now comes to light after it.
  await discard({ key: 'a' }, desk.ports());
  desk.leftOut.add('a');
  desk.bury('a', null);
  await sweep(desk.ports());
  assert.deepEqual([desk.open, desk.queued, desk.unread], [[], [], 0]);
  // Somebody has written it since, and it was set aside again.
  desk.leftOut.clear();
  desk.bury('a', null);
  await sweep(desk.ports());
  assert.deepEqual([desk.open, desk.queued], [['a'], ['a']]);
});
