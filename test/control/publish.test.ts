/**
 * Any number of controllers that may die at any call, whose last write may land late and whose reads may tell what was before: the phase
 * walks one neighbour at a time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Move, move, RESOLUTION, standing } from '../../functions/control/publish.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { nextPhase, PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { Death, SETTLED, Store } from './parameter_store.ts';

/** Milliseconds: what a controller has, and how long nobody moves after a move. */
const [TIME, BAKE] = [20_000, 50_000];
const DAY = 86_400_000;
/** One controller looks, and moves towards what is wanted once the bake is over. @param skew of its own clock, which it may write down. */
async function act(
  store: Store,
  wanted: Phase,
  calls: number,
  late: number,
  skew = 0,
  old = false,
): Promise<void> {
  const register = store.register(calls, late, old);
  try {
    const { effective, version, now } = await standing(register, TIME);
    if (effective.phase === wanted || now < effective.since + BAKE) return;
    const to = nextPhase(effective.phase, wanted);
    const made: Move = { from: effective.phase, to, by: 'test', at: store.now + skew, why: '' };
    await move(register, version, made, TIME);
  } catch (error) {
    if (!(error instanceof Death)) throw error;
  }
}

const controller = fc.record({
  wait: fc.oneof(fc.constant(0), fc.integer({ max: SETTLED, min: 0 }), fc.integer({ min: 0, max: 60_000 })),
  calls: fc.integer({ min: 0, max: 8 }),
  late: fc.integer({ min: 0, max: TIME - 1 }),
  wanted: fc.constantFrom<Phase>('legacy', 'expand', 'settle', 'contract'),
  rival: fc.boolean(),
  old: fc.boolean(),
  /** Some wall clocks are days off. */
  skew: fc.constantFrom(0, 0, -DAY, DAY, -BAKE, BAKE),
});

test('whoever dies where, and whatever lands late, the phase walks to neighbours only, and each bake is waited for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(controller, { minLength: 1, maxLength: 60 }), async (controllers) => {
      const store = new Store();
      for (const { wait, calls, late, wanted, rival, skew, old } of controllers) {
        store.tick(wait);
        const acting = [act(store, wanted, calls, late, skew, old)];
        // Another one at the same time, which wants something else.
        if (rival) acting.push(act(store, wanted === 'legacy' ? 'contract' : 'legacy', 99, 0, 0, !old));
        await Promise.all(acting);
      }
      store.tick(TIME);
      let before = { phase: 'legacy' as Phase, at: Number.NEGATIVE_INFINITY };
      for (const { at, value } of store.published) {
        const { phase } = parsePhase(value);
        const step = Math.abs(PHASES.indexOf(phase) - PHASES.indexOf(before.phase));
        assert.ok(step <= 1, `from ${before.phase} to ${phase}`);
        if (step === 1) {
          assert.ok(at >= before.at + BAKE, `${phase} came ${at - before.at} ms after ${before.phase}`);
          before = { phase, at };
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('a controller that lives gets there, whatever the dead have left behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(controller, { maxLength: 10 }), async (dead) => {
      const store = new Store();
      for (const { wait, calls, late, wanted, skew } of dead) {
        store.tick(wait);
        await act(store, wanted, calls, late, skew);
      }
      for (let turn = 0; turn < 40; turn++) {
        store.tick(BAKE);
        await act(store, 'contract', 99, 0, turn % 2 === 0 ? DAY : -DAY);
      }
      assert.equal(parsePhase(store.value).phase, 'contract');
    }),
  );
});

test('of two controllers at once one decides, and the other publishes what was decided', async () => {
  const store = new Store();
  const register = store.register(99, 0);
  const made = (by: string, to: Phase): Move => ({ from: 'legacy', to, by, at: 1, why: by });
  const both = await Promise.all([
    move(register, 1, made('one', 'expand'), TIME),
    move(register, 1, made('other', 'legacy'), TIME),
  ]);
  assert.deepEqual(
    both.map(({ won, effective }) => [won, effective?.phase, effective?.by]),
    [
      [true, 'expand', 'one'],
      [false, 'expand', 'one'],
    ],
  );
  assert.equal(store.claims.size, 1);
});

test('a move whose decider died long ago is not made any more: it was decided on what is old by now', async () => {
  const store = new Store();
  await act(store, 'expand', 3, 0);
  assert.deepEqual([store.claims.size, store.published.length], [1, 0]);
  store.tick(TIME - RESOLUTION);
  const soon = await standing(store.register(99, 0), TIME);
  assert.equal(soon.effective.phase, 'expand');

  const other = new Store();
  await act(other, 'expand', 3, 0);
  other.tick(2 * TIME + 2 * RESOLUTION);
  const { effective } = await standing(other.register(99, 0), TIME);
  assert.equal(effective.phase, 'legacy');
  other.tick(TIME + BAKE + RESOLUTION);
  await act(other, 'expand', 99, 0);
  assert.equal(parsePhase(other.value).phase, 'expand');
});

test('a bake lasts as long as it should, whatever the clocks of controllers say', async () => {
  for (const skew of [-DAY, 0, DAY]) {
    const store = new Store();
    await act(store, 'contract', 99, 0, skew);
    const landed = store.changed;
    assert.equal(parsePhase(store.value).phase, 'expand');
    for (let second = 1; parsePhase(store.value).phase === 'expand'; second++) {
      store.tick(1000);
      await act(store, 'contract', 99, 0, skew);
      assert.ok(second <= 100, 'it never goes on');
    }
    // Reads of before the move are still answered for a while; and the time is told in whole seconds.
    assert.ok(store.changed >= landed + TIME + BAKE && store.changed < landed + TIME + BAKE + 2 * RESOLUTION);
  }
});

test('functions of the version before, which count from what the value says, wait for a late write too', async () => {
  const store = new Store();
  const register = store.register(99, TIME - 1);
  const { version, now } = await standing(register, TIME);
  await move(register, version, { from: 'legacy', to: 'expand', by: 'test', at: now, why: '' }, TIME);
  store.tick(TIME);
  assert.ok(parsePhase(store.value).since >= store.changed);
});

const MADE: Move = { from: 'legacy', to: 'expand', by: 'test', at: 1, why: '' };

test('what becomes of a claim that was not published depends on how long ago it was made', async () => {
  const at = async (passed: number) => {
    const store = new Store();
    store.now = 1_700_000_000_000;
    store.claims.set(1, { text: JSON.stringify({ ...MADE, by: 'dead' }), at: store.now });
    store.tick(passed);
    // This register tells the time exactly.
    const read = async () => ({ ...store, now: store.now });
    const { effective, version } = await standing({ ...store.register(99, 0), read }, TIME);
    return { effective, version, written: store.published.length, now: store.now, is: store.version };
  };
  const published = await at(TIME - 1);
  assert.deepEqual([published.effective.phase, published.written], ['expand', 1]);
  // Its owner may have published it just now: nothing is decided, and nothing is written.
  for (const passed of [TIME, 2 * TIME + RESOLUTION - 1]) {
    const { effective, written, now } = await at(passed);
    assert.deepEqual([effective.phase, effective.since, written], ['legacy', now + TIME, 0]);
  }
  const renewed = await at(2 * TIME + RESOLUTION);
  assert.deepEqual([renewed.effective.phase, renewed.written], ['legacy', 1]);
  for (const { version, is } of [published, renewed]) assert.equal(version, is);
});

test('a controller whose claim another one was faster to make publishes nothing where that cannot be read yet', async () => {
  const store = new Store();
  const lost = { ...store.register(99, 0), claim: async () => false };
  assert.deepEqual([(await move(lost, 1, MADE, TIME)).effective, store.published], [null, []]);
});
