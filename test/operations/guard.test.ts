/** The guard and the controller together: what is set back, what is not, and what operators are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskedLatencies } from '../../functions/operations/guard.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { guardLines } from '../../infra/console/told/guard.ts';
import { failing, GuardWorld, isOf, SETTINGS, slow, WELL } from './guard_world.ts';

/** On its way from one phase to the next, and watched there. */
async function watching(from: Phase, wanted: Phase = 'settle'): Promise<GuardWorld> {
  const world = new GuardWorld({ orders: from });
  world.set('orders', wanted);
  await world.moved();
  return world;
}

test('writes that fail in seal set the flags back to expand, once, also while Oracle is away, and nothing goes forward before an operator says so', async () => {
  const world = await watching('expand');
  world.measure = (subject) => (isOf(subject, 'write', 'seal') ? failing(300) : WELL);
  world.evidence.set('orders', { missing: 'Oracle is away' });
  world.audit = null;
  const [{ moved } = assert.fail()] = await world.look();
  assert.deepEqual([moved?.from, moved?.to, world.wishes.get('orders')], ['seal', 'expand', 'expand']);
  assert.equal(world.metrics.get('GuardTurned'), 1);
  const [notice = assert.fail()] = world.published;
  assert.match(
    notice.message,
    /^GUARD_TURNED: orders, of the deployment \/x: requests are worse off since the move from expand to seal, and the flags were set back to expand\./,
  );
  // Not the flags of all collections first: where it had its own, they may want it in legacy.
  const anew =
    /npx crossfade set PHASE --collection orders; or, if it shared the flags of all collections before, set inherit --collection orders/;
  assert.match(notice.message, anew);
  assert.match(notice.message, /write: 30\.00 % of 1000 have failed, 0\.00 % of 1000 before/);
  // An hour later it stands where it stood, and nobody was told twice.
  await world.minutes(60);
  assert.deepEqual([world.phase().phase, world.published.length], ['expand', 1]);
  assert.equal(world.metrics.get('GuardTurned'), 1);
  const [seen = assert.fail()] = await world.control.look(world.ports);
  assert.match(guardLines(seen).join('\n'), anew);
  assert.match(
    guardLines(seen).join('\n'),
    /GUARD {4}the flags were set back from seal to expand, .*30\.00 % of 1000.*\n.*set inherit --collection orders/,
  );
});

test('an operator who sets the flags anew lets it go forward again, where it is watched anew', async () => {
  const world = await watching('expand');
  world.measure = (subject) => (isOf(subject, 'write', 'seal') ? failing(300) : WELL);
  await world.look();
  world.set('orders', 'settle');
  await world.minutes(20);
  assert.deepEqual(
    [world.phase().phase, world.wishes.get('orders')],
    ['expand', 'expand'],
    'turned back again',
  );
  assert.equal(world.published.length, 2);
  world.measure = () => WELL;
  world.set('orders', 'settle');
  await world.minutes(60);
  assert.deepEqual([world.phase().phase, world.metrics.get('GuardTurned')], ['settle', 0]);
  assert.deepEqual(
    world.audit?.filter((entry) => entry.startsWith('guard: orders: flags set back to expand')).length,
    2,
  );
});

test('flags that an operator sets anew before the move back is made stay, and nothing holds the next move', async () => {
  const world = await watching('expand');
  world.measure = (subject) => (isOf(subject, 'write', 'seal') ? failing(300) : WELL);
  const { step } = world;
  world.step = async () => [];
  await world.look();
  world.set('orders', 'settle');
  world.step = step;
  await world.minutes(20);
  assert.deepEqual([world.phase().phase, world.wishes.get('orders')], ['settle', 'settle']);
  assert.deepEqual([world.published.length, world.metrics.get('GuardTurned')], [1, 0]);
});

test('after a move back nothing is compared, so the next move forward waits for no guard', async () => {
  const world = await watching('expand');
  world.set('orders', 'expand');
  await world.moved();
  assert.equal(world.phase().phase, 'expand');
  world.set('orders', 'settle');
  await world.minutes(SETTINGS.minutes - 3);
  assert.notEqual(world.phase().phase, 'expand');
  assert.equal(world.published.length, 0);
});

test('Oracle that is slow for reads alone in switch keeps the collection from settle, and turns it round', async () => {
  const world = await watching('seal');
  // The bake is over, and without a guard the next look would go on to settle, from where the way back is longer.
  world.measure = (subject) => (isOf(subject, 'read', 'switch') ? null : WELL);
  const [{ moved, decision } = assert.fail()] = await world.look();
  assert.deepEqual([moved, decision.kind], [null, 'wait']);
  world.measure = (subject) => (isOf(subject, 'read', 'switch') ? slow(900) : WELL);
  await world.minutes(1);
  assert.equal(world.wishes.get('orders'), 'expand');
  assert.match(
    world.published[0]?.message ?? '',
    /switch compared with seal: read: p99 900 ms, 50 ms before/,
  );
  assert.ok(!['settle', 'contract'].includes(world.phase().phase));
});

test('an expand that slows writes down goes back to legacy, and a settle that does is told of, and stays', async () => {
  const expand = await watching('legacy', 'expand');
  expand.measure = (subject) => (isOf(subject, 'write', 'expand') ? slow(700) : WELL);
  await expand.minutes(1);
  assert.equal(expand.phase().phase, 'legacy');
  const settle = await watching('switch');
  settle.measure = (subject) => (isOf(subject, 'write', 'settle') ? slow(700) : WELL);
  await settle.minutes(3);
  assert.deepEqual([settle.phase().phase, settle.wishes.get('orders')], ['settle', 'settle']);
  assert.match(
    settle.published[0]?.message ?? '',
    /^GUARD_WORSE: .*npx crossfade plan orders tells what the way back needs/,
  );
  assert.deepEqual([settle.published.length, settle.metrics.get('GuardWorse')], [1, 1]);
});

test('a Couchbase that fails strikes both sides of a move: the flags stay, operators are told, and the way on is not held up', async () => {
  const world = await watching('seal');
  world.measure = (subject) => {
    const fails = subject.phase === 'switch' && (subject.of === 'request' || subject.store === 'couchbase');
    return fails ? failing(400) : WELL;
  };
  const [{ moved } = assert.fail()] = await world.look();
  assert.deepEqual([moved?.to, world.wishes.get('orders')], ['settle', 'settle']);
  assert.match(world.published[0]?.message ?? '', /^GUARD_COUCHBASE: /);
  assert.equal(world.metrics.get('GuardWorse'), 1);
});

test('a CloudWatch that does not answer sets nothing back and holds nothing up, is told, and is left alone for a while', async () => {
  const world = await watching('expand');
  world.cloudWatchIsAway = true;
  world.step = async () => [];
  await world.look();
  assert.deepEqual([world.metrics.get('GuardBlind'), world.notes.get('orders')?.kind], [1, 'unread']);
  assert.match(
    world.notes.get('orders')?.told ?? '',
    /^GUARD_BLIND: .*answered 500.*cloudwatch:GetMetricData/,
  );
  const { questions } = world;
  await world.minutes(4);
  assert.deepEqual([world.questions, world.metrics.get('GuardBlind')], [questions, 1]);
  world.cloudWatchIsAway = false;
  world.measure = (subject) => (isOf(subject, 'read', 'seal') ? slow(3000) : WELL);
  await world.minutes(1);
  assert.equal(world.wishes.get('orders'), 'expand');
});

test('of two collections the one that is bad goes back, and the other one goes on', async () => {
  const world = new GuardWorld({ orders: 'expand', carts: 'expand' });
  for (const name of ['orders', 'carts']) world.set(name, 'settle');
  await world.moved();
  world.measure = (subject) => (isOf(subject, 'patch', 'seal', 'carts') ? failing(50) : WELL);
  await world.minutes(1);
  assert.deepEqual([world.phase('carts').phase, world.phase('orders').phase], ['expand', 'seal']);
  await world.minutes(60);
  assert.deepEqual([world.phase('carts').phase, world.phase('orders').phase], ['expand', 'settle']);
});

test('an operator who changes flags while CloudWatch is asked is not overruled by what was read before', async () => {
  const world = await watching('expand');
  world.measure = (subject) => (isOf(subject, 'write', 'seal') ? failing(300) : WELL);
  world.step = async () => [];
  world.meanwhile = () => {
    world.set('orders', 'contract');
    world.meanwhile = () => {};
  };
  await world.look();
  assert.equal(world.wishes.get('orders'), 'contract');
  assert.match(world.notes.get('orders')?.told ?? '', /somebody has changed them at the same time$/);
  // They did not know. A minute later it is as bad as before.
  await world.minutes(1);
  assert.equal(world.wishes.get('orders'), 'expand');
});

test('a guard that ends in the middle is followed by the next one', async () => {
  for (const writes of [0, 1, 2]) {
    const world = await watching('expand');
    world.measure = (subject) => (isOf(subject, 'write', 'seal') ? failing(300) : WELL);
    world.step = async () => [];
    world.writes = writes;
    await world.look();
    assert.match(world.said.join('\n'), /^GUARD_FAILED: .*the container has ended/m);
    world.writes = null;
    // Another container knows nothing of the first one.
    world.asked = new AskedLatencies();
    await world.look();
    assert.equal(world.wishes.get('orders'), 'expand', `after ${writes} writes`);
    assert.equal(world.metrics.get('GuardTurned'), 1);
  }
});

test('what the flags want back already, or nobody wants forward, is not asked about', async () => {
  const world = await watching('expand');
  const { questions } = world;
  world.set('orders', 'expand');
  await world.look();
  const old = new GuardWorld({ orders: 'seal' });
  await old.look();
  assert.deepEqual([world.questions, old.questions], [questions, 0]);
});
