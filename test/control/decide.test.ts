import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide, helpful, summed } from '../../functions/control/decide.ts';
import type { CollectionEvidence, Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { type Flags, PHASES, type Phase, RESTING_PHASES, ROUTES } from '../../functions/protocol/phase.ts';

const TIMES = { now: 1_000_000, bake: 50_000, redelivery: 120_000 };
/** Long enough ago for everything. */
const OLD = 0;

const run = (phase: Phase, started: number, clean = true): RunEvidence => ({
  ...{ id: `run-${started}`, phase, started, finished: started + 1, clean },
});
const collection = (given: Partial<CollectionEvidence> = {}): CollectionEvidence => ({
  ...{ name: 'orders', backfill: null, copyback: null, verification: null, ...given },
});
const evidence = (given: Partial<Evidence> = {}): Evidence => ({
  receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
  ...{ deadLetters: 0, unread: 0, collection: collection(), ...given },
});
const flagsOf = (phase: Phase) => ROUTES[phase].flags;

async function decided(from: Phase, wanted: Phase, given: Evidence, since = OLD) {
  const effective = { phase: from, since, by: 'test' };
  const decision = await decide(flagsOf(wanted), effective, TIMES, async () => given);
  const missing = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
  return { decision, kind: decision.kind, missing: missing.map(({ name }) => name) };
}

/** Evidence with which every move from a phase may be made. */
const all = (phase: Phase) =>
  evidence({
    collection: collection({
      ...{ backfill: run('expand', 500_000), copyback: run(phase === 'switch' ? phase : 'settle', 500_000) },
      verification: run(phase, 600_000),
    }),
  });

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

test('a dead letter, a mismatch, a receipt that waits: each holds the gate, and says so', async () => {
  for (const [from, wanted] of GATES) {
    const whole = all(from);
    const held = async (given: Partial<Evidence>) =>
      (await decided(from, wanted, { ...whole, ...given })).missing;
    const receipts = { delayed: 3, due: 0, hidden: 1, waiting: 0, since: null };
    assert.deepEqual(await held({}), []);
    assert.deepEqual(await held({ deadLetters: 1 }), ['dead letters']);
    const waiting = (since: number) => ({ receipts: { ...receipts, waiting: 1, since } });
    assert.deepEqual(await held(waiting(2 * TIMES.bake - 1)), ['receipts']);
    // That one was sent long after the bake: its store was only slow.
    assert.deepEqual(await held(waiting(2 * TIMES.bake)), []);
    assert.deepEqual(await held({ receipts: { ...receipts, due: 1 } }), ['receipts']);
    // On a busy queue, where nothing is left behind, time alone shows that what was old has been handled.
    assert.deepEqual(await held({ receipts }), []);
    for (const given of [
      { verification: null },
      { verification: run(from, 600_000, false) },
      { verification: run(from === 'seal' ? 'expand' : 'seal', 600_000, true) },
      { verification: run(from, 2 * TIMES.bake - 1) },
    ]) {
      const without = { ...whole.collection, ...given };
      const turned = from === 'settle' && given.verification?.clean === false ? ['copy-back of orders'] : [];
      assert.deepEqual(await held({ collection: without }), [...turned, 'verification of orders'], from);
    }
  }
});

test('a busy queue holds the gate until what was old has been delivered, and if anything is in work, again', async () => {
  const receipts = { delayed: 3, due: 0, hidden: 1, waiting: 0, since: null };
  const since = TIMES.now - 2 * TIMES.bake - TIMES.redelivery;
  const quiet = { ...receipts, hidden: 0 };
  const verified = collection({ verification: run('seal', TIMES.now - 1) });
  const given = evidence({ receipts, collection: verified });
  const at = (began: number) => decided('seal', 'settle', given, began);
  assert.equal((await at(since)).kind, 'move');
  assert.deepEqual((await at(since + 1)).missing, ['receipts']);
  const atRest = (began: number) =>
    decided('seal', 'settle', evidence({ receipts: quiet, collection: verified }), began);
  // Where a thousand are on their way at any time, some are always due.
  const busy = (due: number, began: number) => {
    const many = { ...receipts, delayed: 1000, due };
    return decided('seal', 'settle', evidence({ receipts: many, collection: verified }), began);
  };
  assert.equal((await busy(200, since)).kind, 'move');
  assert.deepEqual((await busy(201, since)).missing, ['receipts']);
  assert.deepEqual((await busy(200, since + 1)).missing, ['receipts']);
  assert.equal((await atRest(TIMES.now - 2 * TIMES.bake - 1)).kind, 'move');
  assert.equal((await atRest(TIMES.now - 2 * TIMES.bake + 1)).missing[0], 'receipts');
});

test('seal waits for a backfill of expand, and a verification after it', async () => {
  const held = async (given: Partial<CollectionEvidence>) =>
    (await decided('expand', 'settle', evidence({ collection: collection(given) }))).missing;
  const [backfill, verification] = [run('expand', 500_000), run('expand', 600_000)];
  assert.deepEqual(await held({ backfill, verification }), []);
  assert.deepEqual(await held({ verification }), ['backfill of orders']);
  assert.deepEqual(await held({ backfill: run('expand', 40_000), verification }), ['backfill of orders']);
  assert.deepEqual(await held({ backfill: run('expand', 500_000, false), verification }), [
    'backfill of orders',
  ]);
  assert.deepEqual(await held({ backfill, verification: run('expand', 400_000) }), [
    'verification of orders',
  ]);
});

test('on the way back Couchbase must have been told of all that Oracle has ordered', async () => {
  const held = async (given: Partial<CollectionEvidence>) =>
    (await decided('settle', 'legacy', evidence({ collection: collection(given) }))).missing;
  assert.deepEqual(await held({}), ['copy-back of orders']);
  assert.deepEqual(await held({ copyback: run('settle', 40_000) }), ['copy-back of orders']);
  assert.deepEqual(await held({ copyback: run('settle', 50_000) }), []);
});

test('in switch every key is given back before anybody compares, and only then', async () => {
  const held = async (given: Partial<CollectionEvidence>) => {
    const { decision, missing } = await decided(
      'switch',
      'legacy',
      evidence({ collection: collection(given) }),
    );
    const started = 'conditions' in decision ? helpful(decision.conditions) : [];
    // One of the phase before may stand in its place: whoever begins it must know that nobody waits for an answer.
    assert.ok(started.every(({ input }) => input.ifPossible === true));
    return [missing, started.map(({ job }) => job)];
  };
  const both = ['copy-back of orders', 'verification of orders'];
  assert.deepEqual(await held({}), [both, ['copy']]);
  assert.deepEqual(await held({ copyback: run('settle', 500_000) }), [both, ['copy']]);
  const copyback = run('switch', 500_000);
  assert.deepEqual(await held({ copyback }), [['verification of orders'], ['verify']]);
  assert.deepEqual(await held({ copyback, verification: run('switch', 400_000) }), [
    ['verification of orders'],
    ['verify'],
  ]);
  assert.deepEqual(await held({ copyback, verification: run('switch', 600_000) }), [[], []]);
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

test('whoever turns round in settle, on the way back from contract, has Couchbase told what it has missed', async () => {
  const at = async (given: Partial<CollectionEvidence>) => {
    const found = evidence({ collection: collection(given) });
    const { decision, missing } = await decided('settle', 'contract', found);
    const [wanted] = 'conditions' in decision ? helpful(decision.conditions) : [];
    return [missing, wanted?.job];
  };
  const [copyBack, verification] = ['copy-back of orders', 'verification of orders'];
  assert.deepEqual(await at({}), [[verification], 'verify']);
  const unclean = run('settle', 200_000, false);
  assert.deepEqual(await at({ verification: unclean }), [[copyBack, verification], 'copy']);
  const early = { verification: unclean, copyback: run('settle', 150_000) };
  assert.deepEqual(await at(early), [[copyBack, verification], 'copy']);
  const told = { verification: unclean, copyback: run('settle', 300_000) };
  assert.deepEqual(await at(told), [[verification], 'verify']);
  assert.deepEqual(await at({ ...told, verification: run('settle', 400_000) }), [[], undefined]);
});
