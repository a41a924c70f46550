/** The guard where a share of the keys is a phase ahead, and after the last share. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardLines } from '../../infra/console/told/guard.ts';
import { failing, GuardWorld, isOf, SETTINGS, slow, WELL } from './guard_world.ts';

const RAMP = [10, 50, 100].map((percent) => ({ percent, minutes: 5 }));

test('a share of the keys that is worse off in switch than the other keys in seal are goes back, and the whole collection after it', async () => {
  const world = new GuardWorld({ orders: 'seal' });
  world.settings = { ...world.settings, ramp: RAMP };
  world.set('orders', 'settle');
  await world.moved();
  assert.deepEqual([world.phase().phase, world.phase().ramp?.percent], ['seal', 10]);
  // Too few requests are no reason: the next share follows once the time of this one is over.
  world.measure = (subject) => (subject.phase === 'switch' ? { ...failing(9), count: 10 } : WELL);
  await world.minutes(12);
  assert.deepEqual([world.phase().phase, world.phase().ramp?.percent], ['seal', 50]);
  world.measure = (subject) => (isOf(subject, 'read', 'switch') ? slow(900) : WELL);
  world.evidence.set('orders', { missing: 'Oracle is away' });
  await world.minutes(1);
  // Its bake is over, so the share goes back with the same look.
  assert.deepEqual(
    [world.phase().phase, world.phase().ramp?.percent, world.wishes.get('orders')],
    ['seal', 0, 'expand'],
  );
  assert.match(
    world.published[0]?.message ?? '',
    /switch compared with seal: read: p99 900 ms, 50 ms before/,
  );
  const [seen = assert.fail()] = await world.control.look(world.ports);
  assert.match(guardLines(seen).join('\n'), /the flags were set back from switch to expand/);
  await world.minutes(2);
  assert.deepEqual([world.phase().phase, world.phase().ramp], ['expand', undefined]);
  assert.equal(world.published.length, 1);
});

test('after a share has gone back the next one waits for no guard: nothing is compared with it', async () => {
  const world = new GuardWorld({ orders: 'seal' });
  world.settings = { ...world.settings, ramp: RAMP };
  world.set('orders', 'settle');
  await world.moved();
  world.set('orders', 'expand');
  await world.look();
  assert.equal(world.phase().ramp?.percent, 0);
  world.set('orders', 'settle');
  await world.minutes(SETTINGS.minutes - 3);
  assert.equal(world.phase().ramp?.percent, 10);
});

test('what has become worse in switch after the last share goes back to expand without a walk over all keys', async () => {
  const world = new GuardWorld({ orders: 'seal' });
  world.settings = { ...world.settings, ramp: RAMP };
  world.set('orders', 'settle');
  for (let share = 0; share < 3; share++) await world.moved();
  assert.equal(world.phase().phase, 'switch');
  world.measure = (subject) => (isOf(subject, 'read', 'switch') ? slow(900) : WELL);
  world.evidence.set('orders', { missing: 'Oracle is away' });
  await world.minutes(6);
  assert.equal(world.phase().phase, 'expand');
});
