/** What each operation enters in the audit log, and whether before or after it is done: what has no entry has not happened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MoveRefused } from '../../functions/control/move_refused.ts';
import type { Forced } from '../../functions/operations/at_risk.ts';
import { callerWith } from '../../functions/operations/caller.ts';
import type { Held } from '../../functions/operations/hold.ts';
import { BadOperation } from '../../functions/operations/request.ts';
import { readHolding } from '../../functions/phases/hold.ts';
import { BEGINNING, follow } from '../../functions/records/audit.ts';
import { ACTOR, AWAY, WHY, World } from './operator_world.ts';

const collection = 'orders';
const why = WHY;

test('an entry names who has done it, when, and what', async () => {
  const written: unknown[] = [];
  const audit = {
    write: async (act: Parameters<typeof follow>[1]) => {
      written.push(act);
      return follow(BEGINNING, act);
    },
  };
  const entry = await callerWith(ACTOR, audit, async () => 7).enter('x: retired', 'no more');
  assert.deepEqual(written, [{ at: 7, actor: ACTOR, action: 'x: retired', detail: 'no more' }]);
  assert.equal(entry.seq, 1);
});

for (const name of ['redrive', 'discard'] as const)
  test(`${name} is entered with all that was asked for, before the queue is even read`, async () => {
    const world = new World();
    await world.ask(name, { why, cause: 'r', collection });
    assert.equal(world.done[0], `entered dead-letters ${name}`);
    assert.equal(world.log.length, 1);
    assert.deepEqual(JSON.parse(world.log[0]?.detail ?? ''), { cause: 'r', collection, why });
    const without = Object.assign(new World(), { logIsAway: true });
    await assert.rejects(without.ask(name, { why }), AWAY);
    assert.deepEqual(without.done, []);
  });

test('a decision on what was set aside is entered before it is carried out, and not where it is only told', async () => {
  const decision = { collection, how: 'keep', key: 'k', why };
  const world = new World();
  await world.ask('set-aside-decide', decision);
  assert.equal(world.log.length, 0);
  await world.ask('set-aside-decide', { ...decision, confirm: true });
  assert.deepEqual(world.done.slice(1), [
    'entered set-aside keep',
    'listed orders',
    `kept by ${ACTOR}: ${WHY}`,
  ]);
  const detail = { ...decision, confirm: true, overwrite: false, after: null, limit: 100 };
  assert.deepEqual(JSON.parse(world.log[0]?.detail ?? ''), detail);
  const without = Object.assign(new World(), { logIsAway: true });
  await assert.rejects(without.ask('set-aside-decide', { ...decision, confirm: true }), AWAY);
  assert.deepEqual(without.done, []);
});

test('that a retirement was asked for is entered before it, and what was done after it; nothing is entered where it is only told, or refused', async () => {
  const world = new World();
  await world.ask('retire', { collection, why });
  world.refuses = 'not in contract';
  await assert.rejects(world.ask('retire', { collection, why, confirm: true }), MoveRefused);
  assert.deepEqual([world.done, world.log], [[], []]);
  world.refuses = null;
  const long = `arn:${'a'.repeat(300)}`;
  await world.ask('retire', { collection, why, confirm: true }, long);
  assert.deepEqual(world.done, [
    'entered orders: retirement asked',
    `moved by ${long}: ${WHY}`,
    'entered orders: retired',
  ]);
  for (const { actor, detail } of world.log) assert.deepEqual([actor, detail], [long, WHY]);
});

test('where the audit log is away no collection is retired', async () => {
  const world = Object.assign(new World(), { logIsAway: true });
  await assert.rejects(world.ask('retire', { collection, why, confirm: true }), AWAY);
  assert.deepEqual(world.done, []);
});

test('stores that are accepted are entered before; where nothing is accepted, no entry says so', async () => {
  const world = new World();
  const accept = (truth?: string) => world.ask('accept-identity', { collection, why, truth });
  await assert.rejects(accept(), { name: 'BadOperation', message: /Nothing was accepted/ });
  assert.deepEqual(world.done, []);
  // In settle Oracle decides. That somebody wanted it otherwise is entered, and under another name.
  await assert.rejects(accept('couchbase'), BadOperation);
  assert.deepEqual(world.done, ['entered orders: identity refused']);
  world.phase = 'legacy';
  await assert.rejects(accept('couchbase'), BadOperation);
  assert.equal(world.done.length, 1);
  world.logIsAway = true;
  world.phase = 'settle';
  await assert.rejects(accept('oracle'), AWAY);
  assert.equal(world.done.length, 1);
});

test('that a force was asked for is entered before the move, and the move after it', async () => {
  const world = new World();
  const forced = (await world.ask('force', { collection, why, confirm: true })) as Forced;
  assert.deepEqual(world.done, [
    'asked what is at risk',
    'entered orders: force of settle to switch asked',
    `moved by ${ACTOR}: ${WHY}`,
    'entered orders: phase settle to switch',
  ]);
  assert.deepEqual([forced.moved?.to, forced.audited, forced.because], ['switch', true, null]);
  // An eighth of the time of a request is kept for the move.
  assert.equal(world.reserve, 1000);
});

test('where the audit log is away a force moves all the same, and says that it has no entry, and why', async () => {
  const world = Object.assign(new World(), { logIsAway: true });
  const forced = (await world.ask('force', { collection, why, confirm: true })) as Forced;
  assert.deepEqual(world.done, ['asked what is at risk', `moved by ${ACTOR}: ${WHY}`]);
  assert.deepEqual([forced.audited, forced.because], [false, AWAY.message]);
});

test('a force that is refused, or only told, leaves no entry', async () => {
  const world = Object.assign(new World(), { refuses: 'its bake is not over' });
  await assert.rejects(world.ask('force', { collection, why, confirm: true }), MoveRefused);
  await world.ask('force', { collection, why });
  assert.deepEqual([world.log, world.reserve], [[], 0]);
});

test('flags that somebody has set are entered with the reason, and the entry is the answer', async () => {
  const world = new World();
  const changes = [{ flag: 'reads', value: 'oracle' }];
  const answer = await world.ask('set', { collection, changes, why: null });
  assert.deepEqual(answer, world.log[0]);
  assert.deepEqual(
    [world.log[0]?.action, world.log[0]?.detail],
    ['orders: flags set', 'reads oracle: no reason was given'],
  );
});

test('documents that the API can never serve are accepted as many as are known, and entered before', async () => {
  const world = new World();
  const accept = (tooLarge: number) => world.ask('preflight-accept', { collection, tooLarge, why });
  for (const number of [2, 4])
    await assert.rejects(accept(number), {
      name: 'BadOperation',
      message: new RegExp(
        `3 documents of orders are known to be too large, and not ${number}. Nothing was accepted`,
      ),
    });
  assert.deepEqual([world.done, world.log], [[], []]);
  const without = Object.assign(new World(), { logIsAway: true });
  await assert.rejects(without.ask('preflight-accept', { collection, tooLarge: 3, why }), AWAY);
  assert.deepEqual(without.done, []);
  await accept(3);
  assert.equal(world.log[0]?.detail, `3 documents. ${WHY}`);
  // Of those that no collection takes there are none here.
  await assert.rejects(world.ask('preflight-accept', { collection, orphans: 2, why }), {
    message:
      /0 documents beside those of orders are known to be taken by no collection, and not 2\. Nothing was accepted/,
  });
  assert.throws(() => world.ask('preflight-accept', { collection, why }), /say one of tooLarge and orphans/);
});

test('what the audit log has no room for is refused before anything is done, and says so', async () => {
  const world = new World();
  await assert.rejects(world.ask('discard', { why, cause: 'c'.repeat(12_000) }), {
    name: 'BadOperation',
    message:
      /^AUDIT_TOO_LONG: the detail of the entry has 120\d\d bytes, .* room for 11990\. Nothing was done/,
  });
  assert.deepEqual([world.done, world.log], [[], []]);
  // The reason stands last, after a cause as long as Oracle has, and a key.
  await world.ask('discard', { why: 'w'.repeat(500), cause: 'c'.repeat(1000), key: 'k'.repeat(250) });
  assert.match(world.log[0]?.detail ?? '', /w{500}"\}$/);
});

test('who has a name that no entry has room for can do nothing that is entered, a force above all', async () => {
  const world = new World();
  const name = `arn:${'a'.repeat(1000)}`;
  await assert.rejects(world.ask('force', { collection, why, confirm: true }, name), {
    name: 'BadOperation',
    message: /^AUDIT_TOO_LONG: the actor/,
  });
  assert.deepEqual([world.done, world.log], [[], []]);
});

test('a hold waits for no log, and says that it has no entry; a commit without an entry is none', async () => {
  const held = Object.assign(new World(), { logIsAway: true });
  const { audited, because } = (await held.ask('hold', { collection })) as Held;
  assert.deepEqual([audited, because, held.done.length], [false, AWAY.message, 1]);
  const world = Object.assign(new World(), { logIsAway: true });
  await assert.rejects(world.ask('commit', { collection }), AWAY);
  assert.deepEqual(world.done, ['asked what can be committed']);
  world.logIsAway = false;
  await world.ask('commit', { collection, why, outsideWindow: true });
  assert.equal(world.log[0]?.detail, `outside of windows, ${WHY}`);
});

test('a commit that has written over a hold of somebody else is refused, and a reader of it lets nothing through', async () => {
  const world = new World();
  world.holding = { hold: null, commit: null, version: 4 };
  // Version 5 was a hold that it knows nothing of.
  world.nextHold = 6;
  await assert.rejects(world.ask('commit', { collection }), {
    message: /^HOLD_CHANGED: .*Nothing is let through/,
  });
  const value = world.done.at(-1)?.replace('hold of orders is ', '') ?? '';
  assert.match(JSON.stringify(readHolding({ value, version: 6 }, '/x')), /HOLD_CHANGED: while .*user\/ann/);
  assert.ok('commit' in readHolding({ value, version: 5 }, '/x'));
});

test('a reason that no parameter has room for is refused, and nothing is written or entered', async () => {
  const world = new World();
  const long = '名'.repeat(500);
  const before: ['seal'] = ['seal'];
  world.holding = { hold: { before, by: ACTOR, at: 1, why: '"'.repeat(500) }, commit: null, version: 1 };
  await world.ask('hold', { collection, why: long });
  [world.done.length, world.log.length] = [0, 0];
  world.holding = { hold: { before, by: ACTOR, at: 1, why: '\u0001'.repeat(500) }, commit: null, version: 1 };
  await assert.rejects(world.ask('commit', { collection, why: long }), { message: /^REASON_TOO_LONG/ });
  assert.deepEqual(world.done, ['asked what can be committed']);
});

test('the room of a parameter is that of the text which SSM takes, where two braces in a row are more characters', async () => {
  const world = new World();
  const braces = '{'.repeat(500);
  await world.ask('hold', { collection, why: braces });
  assert.ok(!world.done[0]?.includes('{{'), 'SSM refuses it');
  const by = `arn:aws:sts::000000000000:assumed-role/Operators/${'n'.repeat(200)}`;
  world.holding = { hold: { before: ['seal'], by, at: 1, why: braces }, commit: null, version: 1 };
  await assert.rejects(world.ask('commit', { collection, why: braces }, by), { message: /^REASON_TOO_LONG/ });
});
