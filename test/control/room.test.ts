/** How many moves a look makes, and which collections it moves first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { MOST_MOVES, Room } from '../../functions/control/room.ts';
import { inTurn } from '../../functions/control/turn.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { BAKE, Desk, HOUR } from './desk.ts';

/** Collections in seal that are all wished in contract. */
function due(count: number, others: Readonly<Record<string, Phase>> = {}): Desk {
  const seal = Object.fromEntries(Array.from({ length: count }, (_, n) => [`c${n}`, 'seal' as const]));
  const desk = new Desk({ ...seal, ...others });
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

test('moves that go back are made before all others, however long those have waited, and one that waits keeps none of them from its move', async () => {
  const back = ['b0', 'b1', 'b2'];
  const forward = Array.from({ length: MOST_MOVES + 3 }, (_, n) => `c${n}`);
  const desk = new Desk({
    ...Object.fromEntries(forward.map((name) => [name, 'seal'])),
    ...Object.fromEntries(back.map((name) => [name, 'expand'])),
    ...{ waits: 'settle' },
  });
  for (const name of forward) desk.wishes.set(name, 'contract');
  for (const name of back) desk.wishes.set(name, 'legacy');
  desk.wishes.set('waits', 'legacy');
  for (const name of [...back, 'waits']) {
    const { phase } = desk.phase(name);
    desk.register(name).value = JSON.stringify({ phase, since: desk.now - 2 * BAKE, by: 'test' });
  }
  desk.evidence.set('waits', { missing: 'Couchbase is away' });
  const stepped = await desk.step();
  const moved = stepped.filter((each) => each.moved !== null).map(({ collection }) => collection);
  assert.deepEqual([moved.slice(0, 3), moved.length], [back, MOST_MOVES]);
  assert.equal(stepped.length, forward.length + 4);
});

test('a move that goes back keeps its place while a store takes its time to answer', async () => {
  const desk = due(MOST_MOVES + 3, { slow: 'settle' });
  desk.wishes.set('slow', 'expand');
  const evidence = async (name: string) => {
    // As many turns of the event loop as all other moves together need.
    if (name === 'slow') for (let turn = 0; turn < 200; turn++) await setImmediate();
    return desk.ports.evidence(name, 'settle');
  };
  const stepped = await desk.control.step({ ...desk.ports, evidence }, () => assert.fail());
  const moved = stepped.filter((each) => each.moved !== null).map(({ collection }) => collection);
  assert.deepEqual([moved[0], moved.length], ['slow', MOST_MOVES]);
});

test('of moves that were claimed and not published, those are finished first that were forced or go back', async () => {
  const names = Array.from({ length: MOST_MOVES + 5 }, (_, n) => `c${n}`);
  const desk = new Desk(Object.fromEntries(names.map((name) => [name, 'expand'])));
  const [forced = '', back = ''] = names.slice(-2);
  for (const name of names) {
    const to = name === back ? 'legacy' : 'seal';
    const why = name === forced ? 'forced: the stores are away' : 'all holds';
    const text = JSON.stringify({ from: 'expand', to, by: 'a', at: desk.now, why });
    desk.register(name).claims.set(1, { text, at: desk.now });
  }
  await desk.step();
  const published = names.filter((name) => desk.phase(name).phase !== 'expand');
  assert.equal(published.length, MOST_MOVES);
  for (const name of [forced, back]) assert.ok(published.includes(name), published.join());
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
  const turnOf = async (name: string) => {
    if (name === 'b') throw new Error('away');
    return { urgent: false, claimed: name === 'd', since: name === 'c' ? 1 : 9 };
  };
  const order = { urgent: [], others: ['d', 'c', 'a', 'b'] };
  assert.deepEqual(await inTurn(['b', 'a', 'c', 'd'], turnOf), order);
  const room = new Room(() => true);
  const taken = Array.from({ length: MOST_MOVES + 1 }, () => room.take());
  assert.deepEqual(
    [taken.filter(Boolean).length, room.open, new Room(() => false).take()],
    [MOST_MOVES, false, false],
  );
});
