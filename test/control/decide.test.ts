import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide, helpful, summed } from '../../functions/control/decide.ts';
import type { Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { type Flags, PHASES, RESTING_PHASES } from '../../functions/protocol/phase.ts';
import {
  all,
  collection,
  compared,
  decided,
  evidence,
  flagsOf,
  type Last,
  OLD,
  run,
  runsFor,
  TIMES,
} from './given.ts';

test('a move goes to the neighbour on the way to what the flags ask for, and never past a bake', async () => {
  for (const from of PHASES)
    for (const wanted of RESTING_PHASES) {
      const { decision } = await decided(from, wanted, all(from));
      if (from === wanted) assert.equal(decision.kind, 'arrived');
      else {
        assert.equal(decision.kind, 'move', `${from} to ${wanted}`);
        const step = PHASES.indexOf('to' in decision ? decision.to : from) - PHASES.indexOf(from);
        assert.equal(step, Math.sign(PHASES.indexOf(wanted) - PHASES.indexOf(from)));
        const young = await decided(from, wanted, all(from), TIMES.now - TIMES.bake + 1);
        assert.deepEqual([young.kind, young.missing], ['wait', ['bake']]);
      }
    }
});

test('flags that ask for nothing that could be are refused, with the reason', async () => {
  const bools = fc.boolean();
  const flags = fc.record({
    couchbaseWrites: bools,
    oracleWrites: bools,
    reads: fc.constantFrom('couchbase', 'oracle'),
  });
  await fc.assert(
    fc.asyncProperty(flags, fc.constantFrom(...PHASES), async (asked, phase) => {
      const effective = { phase, since: OLD, by: 'test' };
      const decision = await decide(asked as Flags, effective, TIMES, async () => all(phase));
      const possible = RESTING_PHASES.some((each) => JSON.stringify(flagsOf(each)) === JSON.stringify(asked));
      assert.equal(decision.kind === 'refused', !possible);
      if (decision.kind === 'refused') assert.match(decision.reason, /Set|set/);
    }),
  );
});

const GATES = [
  ['seal', 'settle'],
  ['switch', 'expand'],
  ['settle', 'contract'],
] as const;

test('a dead letter, a mismatch: each holds the gate, and says so', async () => {
  for (const [from, wanted] of GATES) {
    const whole = all(from);
    const held = async (given: Partial<Evidence>) =>
      (await decided(from, wanted, { ...whole, ...given })).missing;
    assert.deepEqual(await held({}), []);
    assert.deepEqual(await held({ deadLetters: 1 }), ['dead letters']);
    for (const given of [
      { verification: null },
      { verification: compared(from, 600_000, false) },
      { verification: compared(from === 'seal' ? 'expand' : 'seal', 600_000, true) },
      { verification: compared(from, 2 * TIMES.bake - 1) },
    ]) {
      const without = collection({ ...runsFor(from), ...given });
      const turned = from === 'settle' && given.verification?.clean === false ? ['copy-back of orders'] : [];
      const verification = `verification of orders by ${from === 'settle' ? 'content' : 'version'}`;
      assert.deepEqual(await held({ collection: without }), [...turned, verification], from);
    }
  }
});

test('a clean verification opens the gate whatever the queues are said to hold', async () => {
  const many = { delayed: 1000, due: 1000, hidden: 1000, waiting: 1, since: 0 };
  for (const [from, wanted] of GATES) {
    const given = { ...all(from), receipts: many, deadLetters: 1000, unread: 1000 };
    assert.deepEqual((await decided(from, wanted, given)).missing, [], from);
    // A letter is no count: it holds the gate until an operator has closed it.
    const letter = { ...given, deadLetters: 1001 };
    assert.deepEqual((await decided(from, wanted, letter)).missing, ['dead letters'], from);
  }
});

test('counts delay a verification, and for a bounded time: they may be wrong for as long as they like', async () => {
  const none = { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null };
  const { bake, redelivery, now } = TIMES;
  const delayedBy = async (given: Partial<Evidence>, age: number) => {
    const { conditions, missing } = await decided('seal', 'settle', evidence(given), now - 2 * bake - age);
    assert.equal(helpful(conditions).length, missing.length === 1 ? 1 : 0);
    return missing.filter((name) => !name.startsWith('verification'));
  };
  const busy = { receipts: { ...none, delayed: 1000, due: 300, hidden: 50 } };
  const held = { receipts: { ...none, hidden: 1 } };
  const unread = { deadLetters: 7, unread: 7 };
  // A verification that began before each has been delivered once would have to be made again, however empty the queue is.
  assert.deepEqual(await delayedBy({}, -1), ['receipts']);
  assert.deepEqual(await delayedBy({}, 0), []);
  // A copy-back that is needed before it may begin then.
  const back = await decided('switch', 'expand', evidence(), now - 2 * bake + 1);
  assert.deepEqual(helpful(back.conditions)[0]?.job, 'copy');
  // Before that, all that is there may be old.
  assert.deepEqual(await delayedBy({ receipts: { ...none, delayed: 1 } }, -1), ['receipts']);
  assert.deepEqual(await delayedBy({ receipts: { ...none, delayed: 1 } }, 0), []);
  assert.deepEqual(await delayedBy(busy, -1), ['receipts']);
  assert.deepEqual(await delayedBy(busy, 0), []);
  assert.deepEqual(await delayedBy(held, redelivery - 1), ['receipts']);
  assert.deepEqual(await delayedBy(held, redelivery), []);
  assert.deepEqual(await delayedBy(unread, redelivery - 1), ['dead letters']);
  assert.deepEqual(await delayedBy(unread, redelivery), []);
});

test('a receipt that waits for a store is known from its letter, and a verification is not begun before it is settled', async () => {
  const receipts = { delayed: 0, due: 0, hidden: 0, waiting: 1, since: 2 * TIMES.bake - 1 };
  assert.equal((await decided('seal', 'settle', evidence({ receipts }))).missing[0], 'receipts');
  // That one was sent long after the bake: its store was only slow.
  const young = { ...receipts, since: 2 * TIMES.bake };
  assert.deepEqual((await decided('seal', 'settle', evidence({ receipts: young }))).missing, [
    'verification of orders by version',
  ]);
});

test('each gate says what it needs compared, and a run that compared less, or a part of the keys, does not open it', async () => {
  const needs = { expand: 'content', seal: 'version', switch: 'version', settle: 'content' } as const;
  const canary = { after: 'canary/', upTo: 'canary0' };
  for (const [from, wanted] of [['expand', 'settle'], ...GATES] as const) {
    const opens = async (verification: RunEvidence) =>
      (await decided(from, wanted, evidence({ collection: collection({ ...runsFor(from), verification }) })))
        .missing.length === 0;
    const whole = compared(from, 600_000);
    assert.equal(await opens(whole), true, from);
    assert.equal(await opens({ ...whole, mode: 'version' }), needs[from] === 'version', from);
    assert.equal(await opens({ ...whole, mode: 'count' }), false, from);
    assert.equal(await opens({ ...whole, range: canary }), false, from);
  }
});

test('a backfill or a copy-back of a part of the keys opens no gate', async () => {
  const range = { after: null, upTo: 'm' };
  for (const [from, wanted, kind] of [
    ['expand', 'settle', 'backfill'],
    ['switch', 'expand', 'copyback'],
    ['settle', 'legacy', 'copyback'],
  ] as const) {
    const runs = runsFor(from);
    const part = { ...(runs[kind] as RunEvidence), range };
    const { missing } = await decided(
      from,
      wanted,
      evidence({ collection: collection({ ...runs, [kind]: part }) }),
    );
    assert.deepEqual(missing, [kind === 'backfill' ? 'backfill of orders' : 'copy-back of orders']);
  }
});

test('people who look are told all conditions from the beginning of a bake; the controller gathers nothing before its end', async () => {
  const effective = { phase: 'expand', since: TIMES.now, by: 'test' } as const;
  const names = async (gather: () => Promise<Evidence>, whole: boolean) => {
    const decision = await decide(flagsOf('settle'), effective, TIMES, gather, whole);
    assert.equal(decision.kind, 'wait');
    return 'conditions' in decision ? decision.conditions.map(({ name }) => name) : [];
  };
  const never = () => Promise.reject(new Error('gathered'));
  assert.deepEqual(await names(never, false), ['bake']);
  const conditions = ['bake', 'backfill of orders', 'verification of orders by content'];
  assert.deepEqual(await names(async () => evidence(), true), conditions);
});

test('seal waits for a backfill of expand, and a verification after it', async () => {
  const held = async (given: Last) =>
    (await decided('expand', 'settle', evidence({ collection: collection(given) }))).missing;
  const [backfill, verification] = [run('expand', 500_000), compared('expand', 600_000)];
  assert.deepEqual(await held({ backfill, verification }), []);
  assert.deepEqual(await held({ verification }), ['backfill of orders']);
  assert.deepEqual(await held({ backfill: run('expand', 40_000), verification }), ['backfill of orders']);
  assert.deepEqual(await held({ backfill: run('expand', 500_000, false), verification }), [
    'backfill of orders',
  ]);
  assert.deepEqual(await held({ backfill, verification: compared('expand', 400_000) }), [
    'verification of orders by content',
  ]);
});

test('what would help is started, once nothing else is in its way', async () => {
  const helps = async (given: Evidence) => {
    const { decision } = await decided('seal', 'settle', given);
    return 'conditions' in decision ? helpful(decision.conditions) : [];
  };
  const verify = { job: 'verify', input: { collection: 'orders', mode: 'version', ifPossible: true } };
  assert.deepEqual(await helps(evidence()), [verify]);
  assert.deepEqual(await helps(evidence({ deadLetters: 1 })), []);
  assert.deepEqual(await helps(all('seal')), []);
});

test('where a store is away, the moves that bring the service back to work wait for nothing but the bake', async () => {
  const away = async () => ({ missing: 'oracle does not answer' });
  const free = ['expand legacy', 'seal expand', 'switch settle', 'contract settle'];
  for (const from of PHASES)
    for (const wanted of RESTING_PHASES) {
      const effective = { phase: from, since: OLD, by: 'test' };
      const decision = await decide(flagsOf(wanted), effective, TIMES, away);
      if (!('to' in decision)) continue;
      const move = `${from} ${decision.to}`;
      assert.equal(decision.kind, free.includes(move) ? 'move' : 'wait', move);
    }
});

test('where a store does not answer, a move waits for it, and its bake is told of as ever', async () => {
  const effective = { phase: 'seal', since: OLD, by: 'test' } as const;
  const missing = async () => ({ missing: 'oracle does not answer' });
  const decision = await decide(flagsOf('settle'), effective, TIMES, missing);
  const conditions = 'conditions' in decision ? decision.conditions : [];
  assert.equal(decision.kind, 'wait');
  assert.deepEqual(
    conditions.map(({ name, holds, measured }) => [name, holds, measured]),
    [
      ['bake', true, 'it is over'],
      ['stores', false, 'oracle does not answer'],
    ],
  );
});

test('of many collections the machine is told of those that were refused, and looks again for those that move', async () => {
  const arrived = { kind: 'arrived', phase: 'legacy' } as const;
  const refused = { kind: 'refused', phase: 'expand', reason: 'Set it to true.' } as const;
  const { decision: waiting } = await decided('seal', 'settle', evidence());
  assert.deepEqual(summed([['a', arrived]]), { refused: false, reason: '', wait: 0 });
  assert.deepEqual(
    summed([
      ['a', arrived],
      ['b', refused],
      ['c', waiting],
    ]),
    { refused: true, reason: 'b: Set it to true.', wait: 20 },
  );
});
