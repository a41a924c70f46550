/** A wrong or rotated password is refused a few times by Oracle, and never so often that the account is locked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionBy, MOST_TRIES } from '../../../functions/records/login_record.ts';
import { LoginHeld, LoginNotTried } from '../../../functions/stores/oracle/login.ts';
import { ATTEMPTS, LoginWorld } from './login_world.ts';

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

/** So many containers, each of which logs in every `pause` milliseconds or so. */
function containers(world: LoginWorld, count: number, pause: number, gated = true) {
  const all = Array.from({ length: count }, () => world.container(gated));
  for (const each of all) each.forever(pause);
  return all;
}

/** Twenty containers with sessions that come and go; then the password changes, three seconds before the secret does. */
async function rotated(gated: boolean): Promise<LoginWorld> {
  const world = new LoginWorld();
  const all = containers(world, 20, 2 * SECOND, gated);
  await world.pass(10 * SECOND);
  assert.ok(all.every(({ failure, connected }) => failure === null && connected > 0));
  world.password = 'second';
  await world.pass(3 * SECOND);
  world.secret = { version: 'two', password: 'second' };
  await world.pass(10 * SECOND);
  if (gated) assert.deepEqual([...new Set(all.map(({ failure }) => failure))], [null]);
  return world;
}

test('a rotation whose secret comes three seconds after the password locks the account of containers without a gate', async () => {
  assert.equal((await rotated(false)).locked, true);
});

test('the same with a gate refuses the logins that are under way, and no others', async () => {
  const world = await rotated(true);
  assert.equal(world.locked, false);
  assert.ok(world.refused >= 1 && world.refused < ATTEMPTS / 2, `${world.refused} refused`);
  assert.deepEqual(world.recordsOf('two'), ['accepted']);
});

test('a wrong secret is tried by one of 1,000 containers that start together', async () => {
  const world = new LoginWorld();
  world.secret = { version: 'one', password: 'mistyped' };
  const all = containers(world, 1000, MINUTE);
  await world.pass(5 * SECOND);
  assert.equal(world.refused, 1);
  const spared = all.filter(
    ({ failure }) => failure instanceof LoginHeld || failure instanceof LoginNotTried,
  );
  assert.equal(spared.length, 999);
});

test('a wrong secret is tried again after half a minute, and its next version at once', async () => {
  const world = new LoginWorld();
  world.secret = { version: 'one', password: 'mistyped' };
  const all = containers(world, 20, 5 * SECOND);
  await world.pass(25 * SECOND);
  assert.equal(world.refused, 1);
  await world.pass(MINUTE);
  assert.equal(world.refused, 2);
  world.secret = { version: 'two', password: 'first' };
  await world.pass(40 * SECOND);
  assert.equal(world.refused, 2);
  assert.ok(all.every(({ failure }) => failure === null));
});

test('a secret that stays wrong for two days is tried six times, and read each half minute at most', async () => {
  const world = new LoginWorld();
  world.secret = { version: 'one', password: 'mistyped' };
  const busy = world.container();
  const ending = busy.forever(SECOND, 10 * MINUTE);
  await world.pass(11 * MINUTE);
  assert.ok(world.readings < 25, `${world.readings} readings`);
  assert.equal(world.refused, 3);
  await ending;
  const [other] = containers(world, 3, 10 * MINUTE);
  await world.pass(48 * HOUR);
  assert.deepEqual([world.refused, world.locked], [MOST_TRIES, false]);
  assert.match(String(other?.failure), /ORACLE_LOGIN_REFUSED.*version one.*It is not tried again/);
});

test('a secret that comes three seconds before the password is tried again after half a minute', async () => {
  const world = new LoginWorld();
  const all = containers(world, 20, 2 * SECOND);
  await world.pass(10 * SECOND);
  world.secret = { version: 'two', password: 'second' };
  await world.pass(3 * SECOND);
  assert.equal(world.refused, 1);
  world.password = 'second';
  await world.pass(MINUTE);
  assert.equal(world.refused, 1);
  assert.deepEqual(world.recordsOf('two'), ['refused', 'accepted']);
  assert.ok(all.every(({ failure }) => failure === null));
});

test('a password that was refused is used by all again once it has worked for one', async () => {
  const world = new LoginWorld();
  const [first, other] = [world.container(), world.container()];
  const once = (each: typeof first) => Promise.all([each.once(), world.pass(5 * SECOND)]);
  await once(first);
  world.password = 'other';
  await once(first);
  assert.equal(world.refused, 1);
  await once(other);
  assert.ok(other.failure instanceof LoginHeld);
  world.password = 'first';
  await world.pass(MINUTE);
  await once(other);
  await once(first);
  assert.deepEqual([first.failure, other.failure, world.refused], [null, null, 1]);
});

test('a container that dies before it has noted its outcome is followed by another one, after the pause of a refusal', async () => {
  const world = new LoginWorld();
  world.secret = { version: 'one', password: 'mistyped' };
  await Promise.all([world.container().once(true), world.pass(SECOND)]);
  containers(world, 20, SECOND);
  await world.pass(14 * SECOND);
  assert.equal(world.refused, 1);
  await world.pass(MINUTE);
  assert.deepEqual(world.recordsOf('one'), ['trying', 'refused']);
  assert.equal(world.refused, 2);
});

test('while SSM is away, a password that worked is used, and one that nobody has tried is not', async () => {
  const world = new LoginWorld();
  const [known, fresh] = [world.container(), world.container()];
  const once = (each: typeof known) => Promise.all([each.once(), world.pass(5 * SECOND)]);
  await once(known);
  world.away = 'ssm';
  await once(known);
  await once(fresh);
  assert.deepEqual([known.failure, known.connected], [null, 2]);
  assert.ok(fresh.failure instanceof LoginNotTried && /SSM/.test(fresh.failure.message));
  // Refused meanwhile, which cannot be noted: it is not tried again with each request.
  world.password = 'second';
  for (let n = 0; n < 5; n++) await once(known);
  assert.deepEqual([world.refused, world.unnoted.length], [1, 1]);
});

test('an Oracle that does not answer uses up no try', async () => {
  const world = new LoginWorld();
  const all = containers(world, 5, SECOND);
  world.away = 'oracle';
  await world.pass(2 * MINUTE);
  assert.deepEqual([world.refused, world.logins], [0, 0]);
  world.away = null;
  await world.pass(5 * SECOND);
  assert.deepEqual(world.recordsOf('one'), ['accepted']);
  assert.ok(all.every(({ failure }) => failure === null));
});

test('records say who may log in', () => {
  const at = 1_000_000;
  const last = (state: 'trying' | 'accepted' | 'refused', age: number, number = 1) =>
    admissionBy(
      Array.from({ length: number }, (_, n) => ({ state: n === number - 1 ? state : 'refused', at })),
      at + age,
    );
  assert.deepEqual(admissionBy([], at), { kind: 'claim', number: 1 });
  assert.deepEqual(last('accepted', HOUR * 1000), { kind: 'admitted' });
  assert.deepEqual(last('trying', 14_999), { kind: 'wait' });
  assert.deepEqual(last('trying', 15_000), { kind: 'held', until: at + 30_000 });
  assert.deepEqual(last('refused', 29_999), { kind: 'held', until: at + 30_000 });
  assert.deepEqual(last('refused', 30_000), { kind: 'claim', number: 2 });
  assert.deepEqual(last('refused', 119_999, 2), { kind: 'held', until: at + 120_000 });
  assert.deepEqual(last('refused', 4 * HOUR, 5), { kind: 'claim', number: 6 });
  assert.deepEqual(last('refused', 1000 * HOUR, 6), { kind: 'held', until: null });
});
