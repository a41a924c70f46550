/** How many moves a look makes, and which collections it moves first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestFirst, MOST_MOVES, Room } from '../../functions/control/room.ts';
import { Desk, HOUR } from './desk.ts';

/** Collections in seal that are all wished in contract. */
function due(count: number): Desk {
  const desk = new Desk(Object.fromEntries(Array.from({ length: count }, (_, n) => [`c${n}`, 'seal'])));
  for (const name of desk.wishes.keys()) desk.wishes.set(name, 'contract');
  return desk;
}

test('a look makes a few moves, and tells which others are due', async () => {
  const desk = due(MOST_MOVES + 3);
  const stepped = await desk.step();
  assert.equal(stepped.filter(({ moved }) => moved !== null).length, MOST_MOVES);
  const late = stepped.filter(({ postponed }) => postponed === true);
  assert.deepEqual(
    late.map(({ collection, decision, moved }) => [collection, decision.kind, moved]),
    [12, 13, 14].map((n) => [`c${n}`, 'move', null]),
  );
  assert.equal(desk.acts.filter((act) => act === 'claim').length, MOST_MOVES);
});

test('those that have not moved for the longest time are the first of the next look', async () => {
  const desk = due(MOST_MOVES + 3);
  await desk.step();
  // All of them may go on: from switch to settle nothing but the bake must hold.
  desk.now += HOUR;
  const moved = (await desk.step()).filter((each) => each.moved !== null).map(({ collection }) => collection);
  for (const name of ['c12', 'c13', 'c14']) assert.ok(moved.includes(name), moved.join());
  assert.equal(moved.length, MOST_MOVES);
});

test('where no time is left nothing is claimed', async () => {
  const desk = due(2);
  let asked = 0;
  // The time runs out between the decision and the claim of the second.
  const stepped = await desk.control.step({ ...desk.ports, timely: () => ++asked < 4 }, () => assert.fail());
  assert.deepEqual(
    stepped.map(({ moved, postponed }) => [moved?.to, postponed]),
    [
      ['switch', undefined],
      [undefined, true],
    ],
  );
  assert.deepEqual(desk.acts, ['remember', 'claim', 'write']);
});

test('one whose phase could not be read is the last, and room is taken only while there is some', async () => {
  const since = (name: string) =>
    name === 'b' ? Promise.reject(new Error('away')) : Promise.resolve(name === 'a' ? 9 : 1);
  assert.deepEqual(await longestFirst(['b', 'a', 'c'], since), ['c', 'a', 'b']);
  const room = new Room(() => true);
  const taken = Array.from({ length: MOST_MOVES + 1 }, () => room.take());
  assert.deepEqual(
    [taken.filter(Boolean).length, room.open, new Room(() => false).take()],
    [MOST_MOVES, false, false],
  );
});
