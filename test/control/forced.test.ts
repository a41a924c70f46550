/** The mark of forced moves: who leaves it, who carries it, what it holds shut, and what heals it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide, forceable, helpful } from '../../functions/control/decide.ts';
import type { Evidence, Missing, RunEvidence } from '../../functions/control/evidence.ts';
import { healing, marked, toldForce, unhealed } from '../../functions/control/forced.ts';
import { itinerary } from '../../functions/control/itinerary.ts';
import { type Claim, move, RESOLUTION, type Register, standing } from '../../functions/control/publish.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { type ForcedMove, MOST_FORCED, markIn } from '../../functions/phases/forced_mark.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { runsIn } from '../../functions/runs/begin.ts';
import { all, collection, compared, evidence, flagsOf, OLD, run, TIMES } from './given.ts';

/** Decided so early that everything in `given.ts` began after its bake. */
const FORCED: ForcedMove = { from: 'switch', to: 'seal', at: 0, claim: 3 };
const AWAY: Missing = { missing: 'oracle does not answer' };

async function decided(from: Phase, wanted: Phase, given: Evidence | Missing, forced?: ForcedMove[]) {
  const effective = { phase: from, since: OLD, by: 'test', forced };
  const decision = await decide(flagsOf(wanted), effective, TIMES, async () => given);
  assert.ok('conditions' in decision);
  const missing = decision.conditions.filter(({ holds }) => !holds);
  return { ...decision, missing: missing.map(({ name }) => name), measured: missing[0]?.measured };
}

const ofRuns = (given: Parameters<typeof collection>[0]) => evidence({ collection: collection(given) });

test('while a forced move is not healed, seal to expand waits for a copy-back, and switch to settle for a verification', async () => {
  const back = async (given: Evidence | Missing, forced?: ForcedMove[]) =>
    decided('seal', 'legacy', given, forced);
  const forth = async (given: Evidence | Missing, forced?: ForcedMove[]) =>
    decided('switch', 'settle', given, forced);
  for (const free of [await back(AWAY), await forth(AWAY)]) assert.equal(free.kind, 'move');

  const held = await back(evidence(), [FORCED]);
  assert.deepEqual([held.kind, held.missing], ['wait', ['copy-back of orders']]);
  assert.deepEqual(helpful(held.conditions), [
    { job: 'copy', input: { collection: 'orders', back: 'changed', ifPossible: true } },
  ]);
  assert.ok(runsIn('copyback', 'seal'), 'what the gate needs can be begun');
  const given = (copyback: RunEvidence) => back(ofRuns({ copyback }), [FORCED]);
  assert.equal((await given(run('seal', TIMES.bake))).kind, 'move');
  assert.equal((await given(run('seal', TIMES.bake - 1))).kind, 'wait');
  assert.equal((await given(run('seal', TIMES.bake, false))).kind, 'wait');
  assert.equal((await given(run('switch', TIMES.bake))).kind, 'wait');

  const late = { ...FORCED, at: TIMES.now - 2 * TIMES.bake };
  const unverified = await forth(evidence(), [late]);
  assert.deepEqual([unverified.kind, unverified.missing], ['wait', ['verification of orders by version']]);
  const verified = (verification: RunEvidence) => forth(ofRuns({ verification }), [late]);
  assert.equal((await verified({ ...compared('switch', TIMES.bake), mode: 'version' })).kind, 'move');
  assert.equal((await verified({ ...compared('switch', TIMES.bake), mode: 'count' })).kind, 'wait');
  assert.equal((await verified(compared('switch', TIMES.bake, false))).kind, 'wait');
  assert.equal((await verified(compared('switch', TIMES.bake - 1))).kind, 'wait');
  assert.equal((await verified(compared('seal', TIMES.bake))).kind, 'wait');
});

test('the moves that lead to one store alone stay free, and where a store is away the others say that force is the way', async () => {
  for (const [from, wanted] of [
    ['expand', 'legacy'],
    ['contract', 'settle'],
  ] as const) {
    const { kind, forced } = await decided(from, wanted, AWAY, [FORCED]);
    assert.deepEqual([kind, forced], ['move', [FORCED]], from);
  }
  const { kind, measured } = await decided('seal', 'legacy', AWAY, [FORCED]);
  assert.equal(kind, 'wait');
  assert.match(measured ?? '', /oracle does not answer.*an earlier move was forced.*npx crossfade force/);
  assert.doesNotMatch((await decided('settle', 'legacy', AWAY, [FORCED])).measured ?? '', /forced/);
});

test('a clean verification of all keys by content heals what was forced two bakes before it, and nothing less does', () => {
  const healed = (verification: RunEvidence) =>
    unhealed([FORCED], ofRuns({ verification }), TIMES).length === 0;
  const from = 2 * TIMES.bake;
  for (const phase of PHASES)
    assert.equal(healed(compared(phase, from)), phase !== 'legacy' && phase !== 'contract', phase);
  const clean = compared('seal', from);
  assert.equal(healed({ ...clean, started: from - 1 }), false);
  assert.equal(healed({ ...clean, clean: false }), false);
  assert.equal(healed({ ...clean, started: TIMES.now }), true);
  assert.equal(healed({ ...clean, started: TIMES.now + 1 }), false, 'of a clock that is ahead');
  assert.equal(healed({ ...clean, mode: 'version' }), false);
  assert.equal(healed({ ...clean, range: { after: 'a', upTo: null } }), false);
  assert.deepEqual(unhealed([FORCED], AWAY, TIMES), [FORCED]);
  assert.deepEqual(unhealed([FORCED], null, TIMES), [FORCED]);
  assert.deepEqual(unhealed(undefined, evidence(), TIMES), []);
  // One that was forced later is not healed by it.
  const later = { ...FORCED, at: 1 };
  const verification = clean;
  assert.deepEqual(unhealed([FORCED, later], ofRuns({ verification }), TIMES), [later]);
});

test('a move drops the mark that a verification has healed, and carries it where nobody knows', async () => {
  assert.deepEqual((await decided('settle', 'contract', all('settle'), [FORCED])).forced, []);
  const late = { ...FORCED, at: TIMES.now };
  assert.deepEqual((await decided('settle', 'contract', all('settle'), [FORCED, late])).forced, [late]);
  // Healed: the move is as free as ever.
  const healed = await decided('seal', 'legacy', ofRuns({ verification: compared('seal', 600_000) }), [
    FORCED,
  ]);
  assert.deepEqual([healed.kind, healed.conditions.length, healed.forced], ['move', 1, []]);
});

test('a plan names what a forced move adds, up to the gate that heals it', () => {
  const names = (from: Phase, wanted: Phase, forced?: ForcedMove[]) =>
    itinerary('orders', from, wanted, forced).map(({ awaits }) => awaits.length);
  assert.deepEqual(names('seal', 'legacy'), [1, 1]);
  assert.deepEqual(names('seal', 'legacy', [FORCED]), [2, 1]);
  assert.deepEqual(names('switch', 'settle', [FORCED]), [2]);
  assert.deepEqual(names('seal', 'settle', [FORCED]), [4, 2]);
  assert.deepEqual(names('expand', 'settle', [FORCED]), names('expand', 'settle'));
});

test('a force tells why it makes no move, and which one it would make', () => {
  const at = (phase: Phase, wanted: Phase, since = OLD, retired?: true) =>
    forceable('orders', flagsOf(wanted), { phase, since, by: 'test', retired }, TIMES);
  assert.deepEqual(at('settle', 'legacy'), { to: 'switch' });
  for (const [found, said] of [
    [at('settle', 'settle'), /orders is in settle, as the flags want it/],
    [at('settle', 'legacy', TIMES.now), /No force makes a bake shorter: 50 s are left/],
    [at('contract', 'legacy', OLD, true), /It has been retired/],
    [forceable('o', { ...flagsOf('legacy'), reads: 'oracle' }, parsePhase(VALUE), TIMES), /reads is oracle/],
  ] as const)
    assert.match('refused' in found ? found.refused : '', said);
});

const VALUE = JSON.stringify({ phase: 'settle', since: 0, by: 'test' });

/** As the parameter's pattern and the functions of the version before demand it. */
const PATTERN = new RegExp(
  `^\\{"phase":"(${PHASES.join('|')})","since":\\d+,"by":".{0,250}"(,"retired":true)?\\}$`,
);

test('whatever is told of forced moves, the claim has room in a parameter, and the value is as ever but for its by', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abz/@.-_ü'), maxLength: 200 });
  const text = fc.string({ unit: 'binary', maxLength: 5000 });
  const asked = fc.record({ by: name, why: text, last: fc.boolean(), times: fc.integer({ min: 0, max: 7 }) });
  fc.assert(
    fc.property(asked, ({ by, why, last, times }) => {
      const steps = { from: 'settle', to: 'contract', by, why } as const;
      let forced: readonly ForcedMove[] = [];
      for (let n = 0; n < times; n++)
        forced = markIn(marked({ ...steps, forced, skips: true }, 99_990 + n, n).by);
      const made = marked({ ...steps, forced, skips: last }, 99_999, 4_000_000_000_000);
      assert.ok(Buffer.byteLength(JSON.stringify(made)) <= 4096);
      const value = JSON.stringify({ phase: 'contract', since: 9, by: made.by });
      assert.match(value, PATTERN);
      const kept = parsePhase(value).forced ?? [];
      assert.equal(kept.length, Math.min(MOST_FORCED, times + Number(last)));
      // The newest of them are kept.
      if (last)
        assert.deepEqual(kept.at(-1), {
          from: 'settle',
          to: 'contract',
          at: 4_000_000_000_000,
          claim: 99_999,
        });
      assert.equal(parsePhase(value).by, made.by);
    }),
  );
});

test('the claim of a forced move says who in full where there is room, and else how the name ends, which is who it is', () => {
  const who = `arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_${'Operators'.repeat(4)}_0123456789abcdef/ann@shop.example`;
  const asked = { from: 'settle', to: 'switch', by: who, why: 'forced: away', skips: true } as const;
  const told = (forced: readonly ForcedMove[]) => {
    const made = marked({ ...asked, forced }, 99_999, 4_000_000_000_000);
    return toldForce(FORCED, JSON.stringify(made)).by ?? '';
  };
  assert.equal(told([]), who);
  assert.equal(told([FORCED, FORCED]), who);
  const short = told(Array(MOST_FORCED - 1).fill({ ...FORCED, claim: 99_998, at: 4_000_000_000_000 }));
  assert.match(short, /^\.\.\..*\/ann@shop\.example$/);
  assert.ok(short.length > 80 && short.length < who.length, short);
});

/** A parameter and its claims, whose user dies before the write where it is told to. */
function parameter(value: string) {
  const claims = new Map<number, Claim>();
  const kept = { value, version: 1, changed: 0 };
  const register = (dies: boolean, now = 10): Register => ({
    read: async () => ({ ...kept, now }),
    claimed: async (version) => claims.get(version) ?? null,
    claim: async (version, text) => !claims.has(version) && Boolean(claims.set(version, { text, at: now })),
    write: async (text) => {
      if (dies) throw new Error('dead');
      Object.assign(kept, { value: text, version: kept.version + 1 });
    },
  });
  return { kept, register };
}

test('the mark is published with its move, by another controller too, and a move that is given up leaves none', async () => {
  const asked = { from: 'settle', to: 'switch', by: 'me', why: 'forced: away', skips: true } as const;
  const made = marked(asked, 1, 10);
  const mark = [{ from: 'settle', to: 'switch', at: 10, claim: 1 }];
  assert.equal(made.by, 'me; forced 1:settle>switch@a');
  const { kept, register } = parameter(VALUE);
  await move(register(false), 1, made, 20);
  assert.deepEqual(parsePhase(kept.value).forced, mark);
  // Its claim says who and why.
  const claim = JSON.stringify(made);
  assert.deepEqual(toldForce(mark[0] as ForcedMove, claim), { ...mark[0], by: 'me', why: 'away' });
  assert.deepEqual(toldForce(mark[0] as ForcedMove, null), { ...mark[0], by: null, why: null });
  // The next move carries what it is told to.
  const next = {
    from: 'switch',
    to: 'seal',
    by: 'controller',
    why: '',
    forced: parsePhase(kept.value).forced,
  } as const;
  await move(register(false), 2, marked(next, 2, 99), 20);
  assert.deepEqual([parsePhase(kept.value).phase, parsePhase(kept.value).forced], ['seal', mark]);

  for (const [now, phase, forced] of [
    [29, 'switch', mark],
    [50 + RESOLUTION, 'settle', undefined],
  ] as const) {
    const other = parameter(VALUE);
    await assert.rejects(move(other.register(true), 1, made, 20), /dead/);
    await standing(other.register(false, now), 20);
    assert.deepEqual(
      [parsePhase(other.kept.value).phase, parsePhase(other.kept.value).forced],
      [phase, forced],
    );
  }
  // What is given up keeps the mark of before.
  const marking = parameter(kept.value);
  await assert.rejects(
    move(marking.register(true), 1, marked({ ...asked, from: 'seal', to: 'expand' }, 1, 10), 20),
  );
  await standing(marking.register(false, 50 + RESOLUTION), 20);
  assert.deepEqual(parsePhase(marking.kept.value).forced, mark);
});

test('what heals is said for each phase', () => {
  assert.match(healing('orders', 'seal'), /^npx crossfade verify start orders --repair/);
  assert.match(healing('orders', 'legacy'), /in legacy only one store is written/);
});
