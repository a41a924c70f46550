import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../functions/control/decide.ts';
import { itinerary } from '../../functions/control/itinerary.ts';
import { type Claim, move, type Register, standing } from '../../functions/control/publish.ts';
import { retirement } from '../../functions/control/retire.ts';
import { type EffectivePhase, parsePhase } from '../../functions/phases/effective_phase.ts';
import { ROUTES } from '../../functions/protocol/phase.ts';

const TIMES = { now: 1_000_000, bake: 50_000, redelivery: 120_000 };
const CONTRACT: EffectivePhase = { phase: 'contract', since: 0, by: 'test' };
const NOTHING = { deadLetters: 0, runs: [], conflicts: 0 };
const { flags } = ROUTES.contract;

const missing = (
  ...[asked, effective, remains]: Parameters<typeof retirement> extends [...infer A, unknown] ? A : never
) =>
  retirement(asked, effective, remains, TIMES)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

test('a collection is retired in contract alone, at rest, with nothing left to be done', () => {
  assert.deepEqual(missing(flags, CONTRACT, NOTHING), []);
  assert.deepEqual(missing(flags, { ...CONTRACT, phase: 'settle' }, NOTHING), ['phase']);
  assert.deepEqual(missing(ROUTES.settle.flags, CONTRACT, NOTHING), ['flags']);
  assert.deepEqual(missing(flags, { ...CONTRACT, since: TIMES.now - 1 }, NOTHING), ['bake']);
  assert.deepEqual(missing(flags, CONTRACT, { ...NOTHING, deadLetters: 1 }), ['dead letters']);
  assert.deepEqual(missing(flags, CONTRACT, { ...NOTHING, conflicts: 1 }), ['conflicts']);
  assert.deepEqual(missing(flags, CONTRACT, { ...NOTHING, sqlChanges: 1 }), ['changes by SQL']);
  assert.deepEqual(missing(flags, CONTRACT, { ...NOTHING, runs: ['verify'] }), ['runs']);
});

test('what speaks for and against a retirement is told of each', () => {
  const told = (effective: EffectivePhase, remains: Parameters<typeof retirement>[2]) =>
    retirement(flags, effective, remains, TIMES).map(({ name, measured }) => `${name}: ${measured}`);
  assert.deepEqual(told(CONTRACT, NOTHING), [
    ...[
      'phase: contract',
      'flags: they ask for contract',
      'bake: it is over',
      'dead letters: there are none',
    ],
    ...['conflicts: there are none', 'runs: none is unfinished'],
  ]);
  const left = told({ ...CONTRACT, phase: 'settle' }, { deadLetters: 2, runs: ['verify'], conflicts: 3 });
  assert.equal(left[0], 'phase: settle: Couchbase is still written or read');
  assert.deepEqual(left.slice(3), [
    'dead letters: 2: redrive or discard them',
    'conflicts: 3: keep or restore them, npx crossfade set-aside list tells them',
    'runs: verify: abandon what is unfinished',
  ]);
});

test('forced moves that nothing has healed are told before a retirement, and hold it up for nobody', () => {
  const forced = [{ from: 'settle', to: 'contract', at: 0, claim: 3 }] as const;
  assert.deepEqual(missing(flags, { ...CONTRACT, forced }, NOTHING), []);
  const told = retirement(flags, { ...CONTRACT, forced }, NOTHING, TIMES);
  const { measured } = told.find(({ name }) => name === 'forced moves') ?? {};
  assert.match(measured ?? '', /^not healed: settle to contract\. What only Couchbase has is given up/);
});

test('from there no flag takes it back, and evidence is not even asked for', async () => {
  const retired = { ...CONTRACT, retired: true } as const;
  const never = () => Promise.reject(new Error('asked'));
  const back = await decide(ROUTES.legacy.flags, retired, TIMES, never);
  assert.equal(back.kind, 'refused');
  assert.match('reason' in back ? back.reason : '', /no way back/);
  assert.equal((await decide(flags, retired, TIMES, never)).kind, 'arrived');
});

test('whoever dies between claim and publication leaves it to the next, and it stays retired', async () => {
  let value = JSON.stringify(CONTRACT);
  let version = 1;
  let dies = true;
  const claims = new Map<number, Claim>();
  const register: Register = {
    read: async () => ({ value, version, changed: 0, now: 11 }),
    claimed: async (of) => claims.get(of) ?? null,
    claim: async (of, text) => claims.set(of, { text, at: 10 }).size > 0,
    write: async (text) => {
      if (dies) throw new Error('dies');
      [value, version] = [text, version + 1];
    },
  };
  const made = { from: 'contract', to: 'contract', by: 'me', at: 10, why: 'done', retired: true } as const;
  await assert.rejects(move(register, 1, made, 20), /dies/);
  dies = false;
  const { effective } = await standing(register, 20);
  assert.equal(effective.retired, true);
  assert.deepEqual(parsePhase(value), { phase: 'contract', since: 1031, by: 'me', retired: true });
});

test('an itinerary names what each move will wait for', () => {
  const legs = itinerary('orders', 'legacy', 'settle');
  assert.deepEqual(
    legs.map(({ from, to }) => `${from} ${to}`),
    ['legacy expand', 'expand seal', 'seal switch', 'switch settle'],
  );
  assert.deepEqual(legs[1]?.awaits, ['bake', 'backfill of orders', 'verification of orders by content']);
  assert.deepEqual(legs[3]?.awaits, ['bake']);
  assert.deepEqual(itinerary('orders', 'settle', 'settle'), []);
  assert.deepEqual(itinerary('orders', 'contract', 'switch')[1]?.awaits, ['bake', 'copy-back of orders']);
});
