/** Many writes of one key beside writes of others, which must not notice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyTurns, type Turn } from '../../functions/routing/key_turns.ts';
import { answers, late, World } from './follower_world.ts';

const LIMITS = { most: 2, slow: 1500 };

class Container {
  now = 0;
  readonly refused: string[] = [];
  readonly turns = new KeyTurns(
    LIMITS,
    () => this.now,
    ({ key }) => this.refused.push(key),
  );

  begin(key: string): Turn {
    const turn = this.turns.begin({ collection: 'c', key });
    if (typeof turn === 'number') throw new Error(`${key} is busy for ${turn} ms`);
    return turn;
  }

  /** A write that takes so long. */
  write(key: string, took: number): void {
    const turn = this.begin(key);
    this.now += took;
    turn.end();
  }

  /** @returns milliseconds for which a write of the key is refused. */
  wait(key: string): number {
    const turn = this.turns.begin({ collection: 'c', key });
    if (typeof turn === 'number') return turn;
    turn.end();
    return 0;
  }
}

test('a third write of a key is refused while two are under way, and other keys are not', () => {
  const world = new Container();
  const first = world.begin('hot');
  world.begin('hot');
  assert.equal(world.wait('hot'), 1000);
  assert.equal(world.wait('cool'), 0);
  assert.deepEqual(world.refused, ['hot']);
  first.end();
  assert.equal(world.wait('hot'), 0);
});

test('a call that its write has stopped waiting for crowds the key until it ends', async () => {
  const world = new Container();
  const call = Promise.withResolvers<null>();
  const turn = world.begin('hot');
  const calling = turn.counted(() => call.promise)({ name: 'oracle.read' });
  turn.end();
  assert.equal(world.begin('hot').isCrowded, true);
  assert.equal(world.begin('cool').isCrowded, false);
  call.resolve(null);
  await calling;
  assert.equal(world.begin('hot').isCrowded, false);
});

test('a receipt that is still being sent crowds nothing: it has no session', () => {
  const world = new Container();
  const turn = world.begin('hot');
  turn.counted(() => new Promise(() => {}))({ name: 'receipt.sent' });
  turn.end();
  assert.equal(world.begin('hot').isCrowded, false);
});

test('a key whose writes are slow beside those of others gets a fifth of the time of a container, until one is quick', () => {
  const world = new Container();
  for (let n = 0; n < 10; n++) world.write(`k${n}`, 20);
  world.write('hot', 3000);
  assert.equal(world.wait('hot'), 0, 'one slow write says little');
  world.write('hot', 3000);
  world.write('hot', 3000);
  assert.equal(world.wait('hot'), 12_000);
  assert.equal(world.wait('k1'), 0);
  world.now += 12_000;
  world.write('hot', 3000);
  assert.equal(world.wait('hot'), 12_000);
  world.now += 12_000;
  world.write('hot', 20);
  assert.equal(world.wait('hot'), 0);
});

test('a clock that is set back makes no pause longer than half a minute', () => {
  const world = new Container();
  world.now = 1_000_000;
  for (let n = 0; n < 10; n++) world.write(`k${n}`, 20);
  for (let n = 0; n < 2; n++) world.write('hot', 3000);
  world.now = 0;
  assert.equal(world.wait('hot'), 30_000);
});

test('where all writes are slow, no key is: it is the store', () => {
  const world = new Container();
  for (let turn = 0; turn < 5; turn++) for (let n = 0; n < 10; n++) world.write(`k${n}`, 2000);
  assert.deepEqual(world.refused, []);
});

test('where few keys are written, nobody knows what is usual, and none is refused for being slow', () => {
  const world = new Container();
  for (let n = 0; n < 4; n++) world.write(`k${n}`, 20);
  for (let turn = 0; turn < 5; turn++) world.write('hot', 3000);
  assert.deepEqual(world.refused, []);
});

test('a pause lasts for half a minute at most, and what is remembered has a bound', () => {
  const world = new Container();
  for (let n = 0; n < 16; n++) world.write(`k${n}`, 1);
  for (let n = 0; n < 1200; n++) {
    world.write(`hot${n}`, 20_000);
    for (let m = 0; m < 16; m++) world.write(`k${m}`, 1);
    world.write(`hot${n}`, 20_000);
    assert.equal(world.wait(`hot${n}`), 30_000);
    for (let m = 0; m < 16; m++) world.write(`k${m}`, 1);
  }
  assert.ok(world.turns.size <= 1016);
});

test('expand: while Oracle works on a write of a key that nobody waits for, the next ones go by their receipts, and other keys do not', async () => {
  const world = new World('expand', 'oracle');
  world.follower = late;
  assert.equal((await world.put('hot'))[0], 'written');
  world.follower = answers;
  assert.equal((await world.put('hot'))[0], 'written');
  assert.equal((await world.put('cool'))[0], 'written');
  assert.deepEqual(world.log, ['late oracle expand', 'late oracle expand']);
  await world.timer.run(world.timer.sleep(6000));
  assert.equal((await world.put('hot'))[0], 'written');
  assert.equal(world.log.length, 2);
});

test('settle: of writes of one key at the same time, those beyond the limit are answered at once, and hold up no other key', async () => {
  const world = new World('settle', null);
  const storm = Promise.all(Array.from({ length: 5 }, () => world.put('hot')));
  const [kind] = await world.put('cool');
  assert.equal(kind, 'written');
  const answered = await storm;
  assert.deepEqual(
    answered.map(([each]) => each),
    ['written', 'busy', 'busy', 'busy', 'busy'],
  );
  assert.deepEqual(
    world.log,
    Array.from({ length: 4 }, () => 'busy hot'),
  );
});
