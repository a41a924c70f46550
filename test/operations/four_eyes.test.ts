/** What needs two operators: it is asked for by one and confirmed by another, and nothing comes of it otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Forced } from '../../functions/operations/at_risk.ts';
import type { Asked } from '../../functions/operations/four_eyes.ts';
import { personIn, shownActor } from '../../functions/operations/person.ts';
import { onOneLine } from '../../functions/parsing/steering.ts';
import { ACTOR, BEN, WHY, World } from './operator_world.ts';

const collection = 'orders';
const KINDS = ['force', 'retire'] as const;
const HOUR = 3_600_000;

for (const kind of KINDS)
  test(`${kind}: the first operator moves nothing, the second does, and claim and log name both`, async () => {
    const world = new World();
    world.fourEyes = [kind];
    const told = (await world.ask(kind, { collection, why: WHY, confirm: true }, BEN)) as Forced & {
      asked: Asked;
    };
    assert.equal(told.moved, null);
    const from = { from: 'settle', to: 'switch' };
    assert.deepEqual(told.asked, { id: `${kind}-orders-1`, ...from, by: BEN, why: WHY });
    assert.ok(!world.done.some((each) => each.startsWith('moved')));
    const [entry] = world.log;
    assert.deepEqual([world.log.length, entry?.actor, entry?.detail], [1, BEN, `${kind}-orders-1: ${WHY}`]);
    assert.match(entry?.action ?? '', /asked$/);
    const done = (await world.ask(`${kind}-confirm`, { collection, request: 1 })) as Forced;
    const why = `${kind}-orders-1 asked by ${BEN}: ${WHY}`;
    assert.deepEqual([done.moved?.by, done.moved?.why], [ACTOR, why]);
    assert.deepEqual([world.log[1]?.actor, world.log[1]?.detail], [ACTOR, why]);
  });

for (const kind of KINDS)
  test(`${kind}: who has asked does not confirm, whatever role they have, and neither does who is nobody`, async () => {
    for (const [asker, confirmer, code] of [
      [BEN, BEN, 'SAME_PERSON'],
      [BEN, 'arn:aws:sts::000000000000:assumed-role/Administrators/Ben@example.com', 'SAME_PERSON'],
      [
        'arn:aws:iam::000000000000:user/ann',
        'arn:aws:sts::000000000000:assumed-role/Operators/ann',
        'SAME_PERSON',
      ],
      ['arn:aws:iam::000000000000:user/a/b/ann', ACTOR, 'SAME_PERSON'],
      [BEN, 'arn:aws:sts::000000000000:assumed-role/Operators/botocore-session-1700000000', 'PERSON_UNKNOWN'],
      [BEN, 'arn:aws:iam::000000000000:root', 'PERSON_UNKNOWN'],
    ] as const) {
      const world = new World();
      await world.asked(kind, asker);
      const confirm = world.ask(`${kind}-confirm`, { collection, request: 1 }, confirmer);
      await assert.rejects(confirm, {
        name: 'BadOperation',
        message: new RegExp(`^${code}: .*Nothing was done`),
      });
      assert.deepEqual([world.done, world.log], [[], []]);
    }
  });

for (const kind of KINDS)
  test(`${kind}: a request that is unknown, replaced, of another kind, expired or outdated is refused`, async () => {
    const other = kind === 'force' ? 'retire' : 'force';
    for (const [change, request, code] of [
      [() => {}, 2, 'REQUEST_UNKNOWN'],
      [(world: World) => world.asked(kind), 1, 'REQUEST_UNKNOWN'],
      [(world: World) => world.asked(other), 2, 'REQUEST_UNKNOWN'],
      [(world: World) => Object.assign(world.shelf, { last: null }), 1, 'REQUEST_UNKNOWN'],
      [(world: World) => Object.assign(world, { now: world.now + HOUR + 1 }), 1, 'REQUEST_EXPIRED'],
      [
        (world: World) => Object.assign(world, { planned: { ...world.planned, version: 6 } }),
        1,
        'REQUEST_OUTDATED',
      ],
      [
        (world: World) => Object.assign(world, { planned: { ...world.planned, to: 'contract' } }),
        1,
        'REQUEST_OUTDATED',
      ],
    ] as const) {
      const world = new World();
      await world.asked(kind);
      await change(world);
      const confirm = world.ask(`${kind}-confirm`, { collection, request });
      await assert.rejects(confirm, { message: new RegExp(`^${code}: .*Nothing was done`) });
      assert.ok(!world.done.some((each) => /^(moved|entered)/.test(each)), code);
    }
    const world = new World();
    await world.asked(kind);
    world.now += HOUR;
    await world.ask(`${kind}-confirm`, { collection, request: 1 });
    assert.ok(world.done.some((each) => each.startsWith('moved')));
  });

test('only what the configuration names needs two', async () => {
  for (const kind of KINDS) {
    const world = new World();
    world.fourEyes = KINDS.filter((each) => each !== kind);
    await world.ask(kind, { collection, why: WHY, confirm: true });
    assert.ok(
      world.done.some((each) => each.startsWith(`moved by ${ACTOR}`)),
      kind,
    );
    assert.equal(world.shelf.last, null);
  }
});

test('nothing is kept where it could not be done now, nor by somebody who is nobody', async () => {
  const world = new World();
  world.fourEyes = ['force'];
  const ask = (actor?: string) => world.ask('force', { collection, why: WHY, confirm: true }, actor);
  await assert.rejects(ask('arn:aws:sts::0:assumed-role/Operators/1700000000000'), {
    message: /^PERSON_UNKNOWN/,
  });
  world.refuses = 'No force makes a bake shorter';
  await assert.rejects(ask(), { name: 'MoveRefused' });
  assert.deepEqual([world.shelf.last, world.log], [null, []]);
});

test('in an emergency the log is away: force is asked for and confirmed all the same, and the claim names both', async () => {
  const world = new World();
  world.fourEyes = ['force'];
  world.logIsAway = true;
  const told = (await world.ask('force', { collection, why: WHY, confirm: true }, BEN)) as Forced;
  assert.deepEqual([told.audited, told.moved], [false, null]);
  const done = (await world.ask('force-confirm', { collection, request: 1 })) as Forced;
  assert.deepEqual([done.audited, done.moved?.by], [false, ACTOR]);
  assert.match(done.moved?.why ?? '', /^force-orders-1 asked by .*ben@example\.com: for a test$/);
});

test('whatever the reason is, it is kept and told whole, on one line', async () => {
  const reason = fc
    .string({ unit: 'binary', minLength: 5, maxLength: 200 })
    .filter((each) => each.trim().length >= 5 && each.isWellFormed());
  await fc.assert(
    fc.asyncProperty(reason, async (why) => {
      const world = new World();
      world.fourEyes = ['force'];
      await world.ask('force', { collection, why: `{{ssm:x}} ${why}`, confirm: true }, BEN);
      const { asked } = (await world.ask('force-confirm', { collection, request: 1 })) as Forced;
      assert.equal(asked?.why, onOneLine(`{{ssm:x}} ${why}`).trim());
      assert.ok(
        (world.log.at(-1)?.detail.length ?? 0) <= 1000 && world.log.at(-1)?.detail.includes(asked.why),
      );
    }),
    { numRuns: 30 },
  );
});

test('a reason that there is no room for is refused, and nothing is asked', async () => {
  const world = new World();
  world.fourEyes = ['retire'];
  const why = '名'.repeat(500);
  await assert.rejects(
    world.ask('retire', { collection, why, confirm: true }, `arn:aws:iam::1:user/${'p'.repeat(2600)}/ann`),
    { message: /^REQUEST_TOO_LONG/ },
  );
  assert.deepEqual([world.shelf.last, world.log], [null, []]);
});

test('a person is the user or the session; a path and a role make no other one', () => {
  for (const [arn, person] of [
    ['arn:aws:iam::1:user/ann', 'ann'],
    ['arn:aws:iam::1:user/team/Ann', 'ann'],
    ['arn:aws:sts::1:assumed-role/Role/ann', 'ann'],
    ['arn:aws:sts::1:federated-user/ann', 'ann'],
    ['arn:aws-cn:iam::1:user/ann', 'ann'],
    ['arn:aws:sts::1:assumed-role/Role/botocore-session-17', null],
    ['arn:aws:sts::1:assumed-role/Role/aws-sdk-js-session-17', null],
    ['arn:aws:sts::1:assumed-role/Role/i-0123456789abcdef0', null],
    ['arn:aws:sts::1:assumed-role/Role/GitHubActions', null],
    ['arn:aws:iam::1:role/Role', null],
    ['arn:aws:iam::1:root', null],
    ['ann', null],
    ['', null],
  ] as const)
    assert.equal(personIn(arn), person, arn);
  assert.equal(shownActor(`arn:aws:iam::1:user/${'p/'.repeat(250)}ann`), 'arn:aws:iam::1:user/ann');
  assert.equal(shownActor(BEN), BEN);
});

test('users whose paths are long look different in the claims of what they do', async () => {
  for (const kind of KINDS) {
    const world = new World();
    const user = (name: string) => `arn:aws:iam::000000000000:user/${'team/'.repeat(60)}${name}`;
    for (const name of ['ann', 'ben'])
      await world.ask(kind, { collection, why: WHY, confirm: true }, user(name));
    const claims = world.done.filter((each) => each.startsWith('moved by'));
    assert.deepEqual(
      claims,
      ['ann', 'ben'].map((name) => `moved by arn:aws:iam::000000000000:user/${name}: ${WHY}`),
    );
  }
});
