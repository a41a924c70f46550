/** A number that rises in Oracle and follows in SSM tells that Oracle has lost commits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeartbeatPorts } from '../../functions/identity/heartbeat.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { BadHeartbeat, reportedIn, UNBROKEN, UNREADABLE } from '../../functions/records/heartbeat.ts';
import { type Marks, rowOf } from '../../functions/records/marks.ts';
import { looked, World } from './heartbeat_world.ts';

const AWAY = () => Promise.reject(new Error('away'));
const ROW = rowOf('orders', 'oracle');

test('the first look writes the first number, and each look one more: Oracle has it before SSM', async () => {
  const world = new World();
  assert.equal(await world.container().history(), null);
  const report: HeartbeatPorts['report'] = async (number) => {
    assert.equal(world.oracle.beat?.number, number);
    world.ssm.push({ number, at: world.time });
  };
  for (let n = 1; n <= 3; n++) {
    await world.look(world.container({ report }));
    assert.deepEqual([world.oracle.beat?.number, world.ssm.at(-1)?.number], [n, n]);
  }
  assert.equal(await world.container().history(), UNBROKEN);
});

test('an Oracle with a lower number has another history, which says from when on commits are missing', async () => {
  const world = await looked(3);
  const then = world.oracle;
  await world.look();
  await world.look();
  world.oracle = then;
  world.time += 1000;
  const history =
    'fell back from number 5 of 1970-01-01T00:05:00.000Z to number 3 of 1970-01-01T00:03:00.000Z, noticed 1970-01-01T00:05:01.000Z';
  assert.equal(await world.container().history(), history);
  // Whoever looks later finds the same, also where SSM is away by then.
  assert.equal(await world.container({ reported: AWAY }).history(), history);
  // The number goes on in that history, and a second loss is another one.
  const broken = world.oracle;
  await world.look();
  assert.equal(world.oracle.beat?.history, history);
  assert.equal(world.oracle.beat?.number, 6);
  world.oracle = broken;
  assert.match((await world.container().history()) ?? '', /^fell back from number 6 of .* to number 5 of/);
});

test('a controller that is told of a loss learns it before it decides, and the number rests where Oracle is newer again', async () => {
  const world = await looked(2);
  const then = world.oracle;
  const container = world.container();
  await world.look(container);
  const newest = world.oracle;
  world.oracle = then;
  let changes = 0;
  const check = () => container.check(() => changes++);
  await check();
  assert.equal(changes, 1);
  await check();
  assert.equal(changes, 1);
  // Nothing was put into SSM meanwhile: the newer database is the one that it was.
  world.oracle = newest;
  assert.equal(await world.container().history(), UNBROKEN);
  await check();
  assert.equal(changes, 2);
});

test('an Oracle that has lost the row itself, or the table, is noticed, and before the first number neither is', async () => {
  const world = new World();
  world.isUnreadable = true;
  assert.equal(await world.container().history(), null);
  world.isUnreadable = false;
  await world.look();
  world.isUnreadable = true;
  assert.equal(await world.container().history(), UNREADABLE);
  assert.equal(await world.container().check(() => {}), null);
  world.isUnreadable = false;
  world.oracle = { beat: null, ledger: new Map() };
  assert.match((await world.container().history()) ?? '', /^fell back from number 1 of .* to none, noticed/);
});

test('a collection whose row in the ledger is lost, or had no history yet, gets the one before', async () => {
  const lost = async (row: Marks | null, phase: Phase = 'expand') => {
    const world = await looked(1);
    const then = { ...world.oracle, ledger: new Map(row === null ? [] : [[ROW, row]]) };
    await world.look();
    world.oracle = then;
    world.phase = phase;
    await world.container().history();
    return world.oracle.ledger.get(ROW);
  };
  assert.deepEqual(await lost(null), { history: UNBROKEN });
  assert.deepEqual(await lost({ name: 'SALES' }), { name: 'SALES', history: UNBROKEN });
  assert.deepEqual(await lost({ history: 'accepted' }), { history: 'accepted' });
  // What an operator has accepted without an answer, and what is in legacy, has nothing to be compared with.
  assert.deepEqual(await lost({}), {});
  assert.equal(await lost(null, 'legacy'), undefined);
});

test('a loss that cannot be entered in Oracle is told all the same, and a collection whose phase is not known is one past legacy', async () => {
  for (const over of [{ write: AWAY }, { remembered: AWAY }]) {
    const world = await looked(1);
    const then = world.oracle;
    await world.look();
    world.oracle = then;
    const container = world.container(over);
    assert.match((await container.history()) ?? '', /^fell back from number 2/);
    assert.match((await container.check(() => {}))?.found?.history ?? '', /^fell back from number 2/);
    assert.equal(world.oracle.beat?.history, UNBROKEN);
    assert.equal(world.unnoted.length, 2);
  }
  const world = await looked(1);
  const then = world.oracle;
  await world.look();
  world.oracle = then;
  await world.container({ phase: AWAY }).history();
  assert.deepEqual(world.oracle.ledger.get(ROW), { history: UNBROKEN });
});

test('a controller that dies between Oracle and SSM, a parameter that is deleted, and SSM away say nothing', async () => {
  const world = await looked(2);
  await assert.rejects(world.look(world.container({ report: AWAY })), /away/);
  assert.deepEqual([world.oracle.beat?.number, world.ssm.at(-1)?.number], [3, 2]);
  assert.equal(await world.container().history(), UNBROKEN);
  await world.look();
  assert.deepEqual([world.oracle.beat?.number, world.ssm.at(-1)?.number], [4, 4]);
  world.ssm = [];
  assert.equal(await world.container().history(), UNBROKEN);
  await world.look();
  assert.equal(world.ssm.at(-1)?.number, 5);
  const without = world.container({ reported: AWAY });
  assert.equal(await without.history(), UNBROKEN);
  assert.equal(world.unread.length, 1);
  await assert.rejects(
    without.check(() => {}),
    /away/,
  );
});

test('of two controllers at the same time one raises the number and tells SSM, and of two that notice a loss one enters it', async () => {
  const world = await looked(2);
  const then = world.oracle;
  const both = [world.container(), world.container()] as const;
  const checks = await Promise.all(both.map((each) => each.check(() => {})));
  for (const [n, checked] of checks.entries()) {
    assert.ok(checked !== null);
    await both[n]?.raise(checked);
  }
  assert.deepEqual(
    world.ssm.map(({ number }) => number),
    [1, 2, 3],
  );
  world.oracle = then;
  let late = 0;
  const read: HeartbeatPorts['read'] = async () => {
    const { beat } = world.oracle;
    // The other one enters it between the two calls of this one.
    if (late++ === 0) {
      await world.container().history();
      world.time += 1000;
    }
    return beat;
  };
  world.time += 1;
  const history = await world.container({ read }).history();
  assert.match(history ?? '', /^fell back from number 3/);
  assert.equal(history, world.oracle.beat?.history);
});

test('a container goes by the highest number that it has seen, whatever SSM answers later', async () => {
  const world = await looked(1);
  const container = world.container();
  await world.look(container);
  const then = world.oracle;
  await world.look(container);
  world.oracle = then;
  world.ssm.pop();
  assert.equal(await world.container().history(), UNBROKEN);
  assert.match((await container.history()) ?? '', /^fell back from number 3 /);
});

test('a number that was forged too high is a loss, and the next ones are above it', async () => {
  const world = await looked(2);
  await world.ports().report(1_000_000);
  assert.match((await world.container().history()) ?? '', /^fell back from number 1000000 of/);
  await world.look();
  assert.equal(world.ssm.at(-1)?.number, 1_000_001);
});

test('what is no number is refused with a code and what to do', () => {
  for (const value of ['', '0', '-1', '1.5', '1e3', '01', ' 1', '1\n', '1'.repeat(16), 'x'.repeat(4096)])
    assert.throws(
      () => reportedIn('/x/oracle-heartbeat', value, 0),
      (error: Error) =>
        error instanceof BadHeartbeat &&
        error.message.length < 400 &&
        error.message.startsWith('HEARTBEAT_PARAMETER: the parameter /x/oracle-heartbeat holds "') &&
        error.message.endsWith('aws ssm put-parameter --overwrite --name /x/oracle-heartbeat --value 1'),
    );
  assert.deepEqual(reportedIn('/x', '999999999999999', 7), { number: 999_999_999_999_999, at: 7 });
});
